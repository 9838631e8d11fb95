/** What a component needs to know of the node: its name, how to reach it, and what is ours on it. */
import type { types } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";

import type { Look } from "../model/drift";
import { foreignTags } from "../model/placement";
import type { ObservedGuest } from "../model/preflight";
import { formerNames } from "../model/removal";
import type { Site } from "../model/site";

/** The node, as components see it. */
export interface Node {
  readonly name: string;
  /** Storage of root disks and volume id of the template. */
  readonly storage: string;
  readonly template: string;
  readonly connection: types.input.remote.ConnectionArgs;
  /** The tag that every guest of this stack carries; guests without it are never touched. */
  readonly tag: string;
  /** What was found changed by hand before this run; each script looks up what it has to put right. */
  readonly look: Look;
  /** Start of this run by the node's clock, in seconds since 1970; notices from before it are old. */
  readonly since: number;
  /** VMIDs of this stack's guests that were on the cluster before this run; undefined when nobody looked. */
  readonly present?: ReadonlySet<number>;
  /** By VMID, the tags that people gave this stack's guests. */
  readonly foreignTags: ReadonlyMap<number, readonly string[]>;
  /** By VMID, the names that renamed containers had. */
  readonly formerNames: ReadonlyMap<number, string>;
  /** What placed the scripts for guests there; whatever runs one of them comes after it. */
  readonly scripts?: pulumi.Resource;
}

/** How far the node's clock may be ahead of this machine's where nobody asked the node, in seconds. */
const clockDifference = 300;

/** The node of a site; the private key is the only secret in it. */
export function nodeOf(
  site: Site,
  tag: string,
  privateKey: pulumi.Output<string>,
  { look = new Map(), own }: { look?: Look; own?: readonly ObservedGuest[] | undefined } = {},
): Node {
  const { name, ssh } = site.node;
  return {
    name,
    storage: site.storage,
    template: site.template,
    tag,
    look,
    since: look.get("node")?.clock ?? Math.floor(Date.now() / 1000) - clockDifference,
    ...(own === undefined ? {} : { present: new Set(own.map(({ vmid }) => vmid)) }),
    formerNames: formerNames(site, own ?? []),
    foreignTags: new Map((own ?? []).map((guest) => [guest.vmid, foreignTags(guest, tag)])),
    connection: {
      host: ssh.host,
      port: ssh.port,
      user: "root",
      privateKey,
      hostKey: ssh.hostKey,
      dialErrorLimit: 5,
    },
  };
}
