/** Which node a site lives on: decided from the declaration and the cluster, never from the state. */
import type { ObservedGuest } from "./preflight";
import type { Problem } from "./problem";
import { anyNode } from "./schema/node";
import type { DeclaredSite } from "./site";

/** A node of the cluster; memory in bytes. */
export interface ObservedNode {
  readonly name: string;
  readonly online: boolean;
  readonly memory: { readonly total: number; readonly used: number };
}

/** The node and why it is that one, or what is wrong. */
export type NodeChoice =
  | { readonly ok: true; readonly name: string; readonly why: string }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** The declared node; where the program may choose, the one that has this stack's guests, else the best. */
export function chooseNode(
  { node }: DeclaredSite,
  nodes: readonly ObservedNode[],
  own: readonly ObservedGuest[],
): NodeChoice {
  const stays = own.filter((guest) => guest.node !== node.abandon);
  const here = stays[0]?.node;
  if (node.name === anyNode)
    return here === undefined ? best(node, nodes) : kept(node, here, nodes);
  const leaves = stays.filter((guest) => guest.node !== node.name);
  return leaves.length === 0 ? named(node.name, nodes) : refuse(moveWithLoss(node.name, leaves));
}

function named(name: string, nodes: readonly ObservedNode[]): NodeChoice {
  const node = nodes.find((one) => one.name === name);
  if (node === undefined) {
    const known = nodes.map((one) => one.name).join(", ");
    return refuse(`the cluster has no node ${name}. It has ${known}.`);
  }
  return node.online
    ? { ok: true, name, why: "named in the declaration" }
    : refuse(`the node ${name} is offline. Bring it up, or choose another.`);
}

function kept(
  { candidates }: DeclaredSite["node"],
  here: string,
  nodes: readonly ObservedNode[],
): NodeChoice {
  if (!(here in candidates))
    return refuse(
      `this stack's guests are on ${here}, which is not among node.candidates. Add it, or write node.abandon: ${here} to lose them with their disks.`,
    );
  return nodes.some(({ name, online }) => name === here && online)
    ? { ok: true, name: here, why: "this stack's guests are there; it is chosen once and kept" }
    : refuse(
        `this stack's guests are on ${here}, which is offline. Bring it up; a site stays where it is.`,
      );
}

function best(
  { candidates, abandon }: DeclaredSite["node"],
  nodes: readonly ObservedNode[],
): NodeChoice {
  const known = Object.keys(candidates).filter((name) => name !== abandon);
  const able = nodes
    .filter(({ name, online }) => online && known.includes(name))
    .sort((a, b) => free(b) - free(a) || (a.name < b.name ? -1 : 1));
  const [first] = able;
  if (first === undefined)
    return refuse(
      `none of the candidates is online: ${known.join(", ") || "there is none but the abandoned one"}. Bring one up, or add another to node.candidates.`,
    );
  const rest = known
    .filter((name) => name !== first.name)
    .map((name) => {
      const node = able.find((one) => one.name === name);
      return `${name}: ${node === undefined ? "not online" : figures(node)}`;
    });
  const than = rest.length === 0 ? "" : `; ${rest.join("; ")}`;
  return { ok: true, name: first.name, why: `most free memory, ${figures(first)}${than}` };
}

function moveWithLoss(name: string, leaves: readonly ObservedGuest[]): string {
  const guests = leaves.map((guest) => `${guest.vmid} ${guest.name} on ${guest.node}`).join(", ");
  const from = leaves[0]?.node ?? "";
  return `this stack has guests elsewhere (${guests}), which would be removed with their disks and recreated, empty, on ${name}. Name ${from}, or write node.abandon: ${from} to lose them.`;
}

function refuse(message: string): NodeChoice {
  return { ok: false, problems: [{ path: "node.name", message }] };
}

/** Total minus used: what Proxmox calls available is the total (docs/proxmox/provider-calls.md 6). */
function free({ memory }: ObservedNode): number {
  return memory.total - memory.used;
}

function figures(node: ObservedNode): string {
  const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
  return `${gib(free(node))} of ${gib(node.memory.total)} GiB`;
}
