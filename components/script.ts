/** Scripts on the node and in its guests, as remote commands that carry the script on stdin. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { repairInGuest, repairOnNode, type Repair } from "../model/drift";
import type { Family } from "../model/family";
import { renderBundle, type BundleFile } from "../render/bundle";
import { renderCall, renderRepair, renderWords, scriptsFolder } from "../render/call";
import type { Node } from "./node";
import { reportNotices } from "./notices";

/** A script of scripts/node, run on the node as root. */
export interface NodeScriptArgs {
  readonly node: Node;
  /** File name in scripts/node. */
  readonly script: string;
  /** What stands in front of it; the library of the node's scripts if left out. */
  readonly preamble?: string;
  /** Words of the call that makes it so; no secret may be among them. */
  readonly apply: pulumi.Input<readonly string[]>;
  /** Words of the call that undoes it; left out where there is nothing to undo. */
  readonly remove?: pulumi.Input<readonly string[]>;
  /** Data behind the script on its stdin. */
  readonly payload?: pulumi.Input<string>;
  /** Replaces the command when one of them changes, such as the incarnation of a container. */
  readonly triggers?: readonly pulumi.Input<string>[];
  /** Why it has to run again although nothing of the above changed; looked up by name if left out. */
  readonly repair?: Repair | undefined;
}

/** What a look runs to see whether a script's work on the node is still so. */
export interface NodeCheck {
  /** Name of the resource that puts it right. */
  readonly name: string;
  /** File name in scripts/node, and its words; no blank may be in one. */
  readonly script: string;
  readonly words: readonly string[];
  /** Files for the script, by their path in its folder `beside`. */
  readonly files?: readonly BundleFile[];
}

/**
 * Runs one script of scripts/node. A changed script, word or payload is an update in place; what
 * identifies the thing stands in `remove`, so when that changes the old thing is removed first.
 *
 * A repair is an update too: `update` then says when it was ordered. Without one, `update` is ignored
 * and stays what it was, so the run after a repair has nothing to do. Being old, it may hold no words; a
 * call without words takes those in front of the script.
 */
export class NodeScript extends remote.Command {
  constructor(name: string, args: NodeScriptArgs, opts: pulumi.CustomResourceOptions) {
    const { node, script, apply, remove, payload, triggers } = args;
    const { preamble = nodePreamble() } = args;
    const repair = "repair" in args ? args.repair : repairOnNode(node.look, name);
    super(
      name,
      {
        connection: node.connection,
        create: pulumi.output(apply).apply(renderCall),
        ...(repair === undefined ? {} : { update: renderRepair(new Date()) }),
        ...(remove === undefined ? {} : { delete: pulumi.output(remove).apply(renderCall) }),
        stdin: pulumi
          .all([apply, payload ?? ""])
          .apply(([words, data]) =>
            [
              `[ $# -gt 0 ] || set -- ${renderWords(words)}`,
              preamble,
              `${readScript("node", script)}${data}`,
            ].join("\n"),
          ),
        logging: "stderr",
        addPreviousOutputInEnv: false,
        ...(triggers === undefined ? {} : { triggers: [...triggers] }),
      },
      pulumi.mergeOptions(
        {
          replaceOnChanges: ["delete"],
          deleteBeforeReplace: true,
          ...(repair === undefined ? { ignoreChanges: ["update"] } : {}),
        },
        opts,
      ),
    );
    reportNotices(this, node.since);
    if (repair?.drift === true)
      void pulumi.log.warn(`Changed by hand; an update puts it right:\n${repair.reason}`, this);
    else if (repair !== undefined && repair.reason !== "")
      void pulumi.log.info(repair.reason, this);
  }
}

/** In front of a script of the node, unless it brings its own. */
function nodePreamble(): string {
  return ["connection.sh", "lib.sh"].map((file) => readScript("node", file)).join("\n");
}

/** A script of scripts/guest, run in a container by way of the node. */
export interface GuestScriptArgs {
  readonly node: Node;
  readonly vmid: number;
  readonly family: Family;
  /** Of each container that the script depends on: it runs again when one was made anew. */
  readonly incarnations: readonly pulumi.Input<string>[];
  /** File name in scripts/guest. */
  readonly script: string;
  /** Where the address has to be that it observes; left out where that is not known. */
  readonly network?: string;
  /** Further scripts there, which it sources. */
  readonly library?: readonly string[];
  readonly args: pulumi.Input<readonly string[]>;
  /** Words for guest.sh in place of `apply`. */
  readonly verb?: readonly string[];
  /** Whole files for the guest; paths are absolute. */
  readonly files?: readonly GuestFile[];
  /** For the script alone, by file name below `secrets/`; they are placed nowhere. */
  readonly secrets?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Arguments for guest.sh when this is removed, before the container is. */
  readonly remove?: pulumi.Input<readonly string[]>;
}

/** A file of a bundle, whose content may be a secret. */
export type GuestFile = Omit<BundleFile, "content" | "isSecret"> & {
  readonly content: pulumi.Input<string>;
};

/**
 * Runs one script of scripts/guest with its files in one stream: one SSH session, one `pct exec`. The
 * script itself lies on the node (guest-scripts.ts), or each guest would have a copy of it in the state.
 */
export class GuestScript extends NodeScript {
  constructor(name: string, args: GuestScriptArgs, opts: pulumi.CustomResourceOptions) {
    const { node, vmid, family, script, library = [], files = [], secrets = {}, remove } = args;
    const { verb = ["apply"] } = args;
    const parts = ["lib.sh", ...library, script];
    const placed = files.map(async (file) => ({
      ...file,
      path: `files${file.path}`,
      isSecret: await pulumi.isSecret(pulumi.output(file.content)),
    }));
    const kept = Object.entries(secrets).map(([file, content]) => ({
      path: `secrets/${file}`,
      mode: "0600",
      content,
      isSecret: true,
    }));
    super(
      name,
      {
        node,
        script: "load.sh",
        preamble: preambleOf(node.tag, family, parts, args.network ?? ""),
        apply: pulumi
          .output(args.args)
          .apply((words) => [...verb, String(vmid), node.tag, script, ...words]),
        ...(remove === undefined ? {} : { remove }),
        payload: pulumi.output([...placed, ...kept]).apply(renderBundle),
        triggers: args.incarnations,
        repair: repairInGuest(node.look, vmid, script),
      },
      pulumi.mergeOptions(opts, node.scripts === undefined ? {} : { dependsOn: [node.scripts] }),
    );
  }
}

/** For load.sh. The digest is for the engine: where a script changed, its guests are set up again. */
function preambleOf(
  tag: string,
  family: Family,
  parts: readonly string[],
  network: string,
): string {
  const own = familyScript(family);
  const texts = [
    ...["connection.sh", "lib.sh", "guest.sh"].map((file) => readScript("node", file)),
    ...["receive.sh", ...parts, own].map((file) => readScript("guest", file)),
  ];
  const digest = createHash("sha256").update(texts.join("\0")).digest("hex").slice(0, 16);
  const [scripts, names] = [renderWords([scriptsFolder(tag)]), renderWords([parts.join(" ")])];
  return `scripts=${scripts} family=${own} parts=${names} network=${renderWords([network])} # of ${digest}`;
}

/** Where, in scripts/guest, a family's half of lib.sh is. */
export function familyScript(family: Family): string {
  return `family/${family}.sh`;
}

/** The text of a script, by its folder in scripts/. */
export function readScript(place: "node" | "guest", file: string): string {
  return readFileSync(join(__dirname, "..", "scripts", place, file), "utf8");
}
