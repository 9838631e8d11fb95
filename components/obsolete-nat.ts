import * as pulumi from "@pulumi/pulumi";

import { obsoleteEntries } from "../model/guest";
import { readOutput } from "../model/notices";
import type { Site } from "../model/site";
import { renderBundle, type BundleFile } from "../render/bundle";
import { obsoleteNatProgram } from "../render/obsolete-nat";
import type { Node } from "./node";
import { NodeScript, readScript, type NodeCheck } from "./script";

/** The site with its list, and the node that has the rules. */
export interface ObsoleteNatArgs {
  readonly node: Node;
  readonly site: Site;
}

const script = "obsolete-nat.sh";
const resource = "obsolete-nat-removal";

function program(): readonly BundleFile[] {
  return obsoleteNatProgram.map((path) => ({
    path,
    mode: "0644",
    content: readScript("node", path),
  }));
}

/** Finds the rules, so that preview shows them, and the next update removes what came back. */
export function obsoleteNatCheck(site: Site): NodeCheck {
  const entries = `${obsoleteEntries(site).join("\n")}\n`;
  const files = [...program(), { path: "obsolete-nat/entries", mode: "0644", content: entries }];
  return { name: resource, script, words: ["check"], files };
}

/** Old rules of the node, removed one by one. They do not come back when this goes. */
export class ObsoleteNat extends pulumi.ComponentResource {
  /** What the last run removed, one rule per line; then `left: ` and what needs a person. */
  readonly removed: pulumi.Output<string>;

  constructor(
    name: string,
    { node, site }: ObsoleteNatArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("proximity-lan:components:ObsoleteNat", name, {}, opts);
    const removal = new NodeScript(
      resource,
      {
        node,
        script,
        apply: ["remove", ...obsoleteEntries(site)],
        payload: renderBundle(program()),
      },
      { parent: this },
    );
    this.removed = removal.stdout.apply((stdout) => readOutput(stdout).answer);
    this.registerOutputs({ removed: this.removed });
  }
}
