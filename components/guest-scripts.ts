/** The scripts that set guests up, once on the node (docs/adr/0007-scripts-on-the-node.md). */
import { createHash } from "node:crypto";

import type * as pulumi from "@pulumi/pulumi";

import { families } from "../model/family";
import { renderBundle, type BundleFile } from "../render/bundle";
import { scriptsFolder } from "../render/call";
import type { Node } from "./node";
import { familyScript, NodeScript, readScript, type NodeCheck } from "./script";

const name = "guest-scripts";
const script = "guest-scripts.sh";

const nodeScripts = ["connection.sh", "lib.sh", "guest.sh"];
const guestScripts = [
  "receive.sh",
  "lib.sh",
  "public.sh",
  "app.sh",
  "guest.sh",
  "appliance-packages.sh",
  "appliance-secrets.sh",
  "appliance-services.sh",
  ...families.map(familyScript),
];

/** A folder of the stack's own on the node, placed whole and removed with the last guest. */
export class GuestScripts extends NodeScript {
  constructor(node: Node, opts: pulumi.CustomResourceOptions = {}) {
    const folder = scriptsFolder(node.tag);
    const files = filesFor(node.tag);
    super(
      name,
      {
        node,
        script,
        apply: ["apply", folder, digestOf(files)],
        remove: ["remove", folder],
        payload: renderBundle(files),
      },
      opts,
    );
  }
}

/** Looks whether they are as they were placed. */
export function guestScriptsCheck(tag: string): NodeCheck {
  return { name, script, words: ["check", scriptsFolder(tag), digestOf(filesFor(tag))] };
}

function filesFor(tag: string): readonly BundleFile[] {
  const file = (path: string, content: string) => ({ path, mode: "0644", content });
  return [
    file("README", `Written by proximity-lan for its stack ${tag}, which removes it.\n`),
    ...nodeScripts.map((one) => file(`node/${one}`, readScript("node", one))),
    ...guestScripts.map((one) => file(`guest/${one}`, readScript("guest", one))),
  ];
}

/** As guest-scripts.sh computes it. */
function digestOf(files: readonly BundleFile[]): string {
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const lines = files
    .map(({ path, content }) => ({ path: `./${path}`, sum: sha256(content) }))
    .sort((one, other) => (one.path < other.path ? -1 : 1))
    .map(({ path, sum }) => `${sum}  ${path}\n`);
  return sha256(lines.join(""));
}
