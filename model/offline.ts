/** What a preview without the node leaves open. */
import { templatesOf } from "./preflight";
import { anyNode } from "./schema/node";
import type { DeclaredSite, Site } from "./site";

/** How each such line starts, in the run and among the warnings of the engine. */
export const notChecked = "Not checked, since the preview is offline: ";

/** The node that is previewed for: the named one, or the first candidate in place of the best. */
export function assumedNode({ node: { name, candidates } }: DeclaredSite): string {
  return name === anyNode ? (Object.keys(candidates)[0] ?? name) : name;
}

/** Everything that only the node could have told, one line each. */
export function unchecked(declared: DeclaredSite, site: Site): readonly string[] {
  const { apps, guests, appliance, network, node, storage } = site;
  const vmids = [appliance, ...apps, ...guests].map(({ vmid }) => vmid).sort((a, b) => a - b);
  const templates = [...new Set(templatesOf(site).map(({ template }) => template))].join(", ");
  const isChosen = declared.node.name === anyNode;
  return [
    isChosen
      ? `which node is taken; ${node.name} stands for the one that an update chooses or keeps.`
      : `whether the node ${node.name} is online, and this stack's guests are on it.`,
    `whether endpoint and API token are right.`,
    `whether these VMIDs are free or this stack's own: ${vmids.join(", ")}.`,
    `whether ${templates} and the storage ${storage} are there.`,
    `whether apps are where they are declared, or move between ${network.bridge} and ${appliance.wan.bridge}.`,
    ...([...apps, ...guests].some(({ publicInterface }) => publicInterface !== undefined)
      ? ["whether the node can carry the interfaces on the LAN that are declared."]
      : []),
    `what was changed by hand on the node and in guests.`,
  ];
}
