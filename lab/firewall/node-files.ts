/** The files that a node's firewall is made of, as they are at the moment. */
import type { Backend } from "../backend/backend";
import type { NodeFiles } from "./compile";

const FIXED = [
  "/etc/pve/firewall/cluster.fw",
  "/etc/services",
  "/etc/protocols",
  "/etc/network/interfaces",
] as const;

/** Reads all of them; throws when the node is down. */
export async function readNodeFiles(
  backend: Pick<Backend, "readFile" | "listFiles">,
  node: string,
): Promise<NodeFiles> {
  const guests = `/etc/pve/nodes/${node}/lxc`;
  const vmids = (await backend.listFiles(node, guests)).flatMap(
    (name) => /^([1-9]\d{2,8})\.conf$/.exec(name)?.[1] ?? [],
  );
  const paths = [
    ...FIXED,
    `/etc/pve/nodes/${node}/host.fw`,
    ...vmids.flatMap((vmid) => [`${guests}/${vmid}.conf`, `/etc/pve/firewall/${vmid}.fw`]),
  ];
  const files = new Map<string, string>();
  for (const path of paths) {
    const text = await backend.readFile(node, path);
    if (text !== undefined) files.set(path, text);
  }
  return files;
}
