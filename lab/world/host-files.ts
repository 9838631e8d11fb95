/** The files that a host has before its first boot, beyond the image's. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

import { clusterFolder, hostFolder, LAB_FOLDER, type Place } from "./place";
import { nodesOf, type HostSpec, type NodeSpec } from "./topology";

/** Folders of files by role; later ones win. */
const TREES: Readonly<Record<HostSpec["role"], readonly string[]>> = {
  router: ["world/hosts/router"],
  outside: ["world/hosts/answering", "world/hosts/outside"],
  client: ["world/hosts/answering", "world/hosts/client"],
  node: ["node"],
};

/** Puts a new host's files in place; a host that has been there before keeps its own, as a disk does. */
export function placeHostFiles(place: Place, { name, role }: HostSpec): void {
  const folder = hostFolder(place, name);
  const upper = path.join(folder, "upper");
  const done = path.join(folder, "installed");
  if (existsSync(done)) return;
  mkdirSync(upper, { recursive: true });
  for (const tree of TREES[role]) cpSync(path.join(LAB_FOLDER, tree), upper, { recursive: true });
  write(upper, "etc/hostname", `${name}\n`);
  write(upper, "etc/hosts", "127.0.0.1 localhost\n");
  const nodes = nodesOf(place);
  const node = nodes.find((candidate) => candidate.name === name);
  if (node !== undefined) placeNodeFiles(upper, node, nodes);
  if (role === "router") write(upper, "etc/lab-hosts", nodes.map(hostsLine).join(""));
  writeFileSync(done, "");
}

function write(upper: string, file: string, text: string, mode = 0o644): void {
  const at = path.join(upper, file);
  mkdirSync(path.dirname(at), { recursive: true });
  writeFileSync(at, text, { mode });
}

const hostsLine = ({ name, address }: NodeSpec): string =>
  `${address} ${name}.lan.example.net ${name}\n`;

/** What only a Proxmox node has: its address, its keys, its own place in the cluster's files. */
function placeNodeFiles(upper: string, node: NodeSpec, nodes: readonly NodeSpec[]): void {
  write(upper, "etc/hosts", `127.0.0.1 localhost\n${nodes.map(hostsLine).join("")}`);
  const interfaces = path.join(upper, "etc/network/interfaces");
  const text = readFileSync(interfaces, "utf8").replace("192.168.1.10/24", `${node.address}/24`);
  writeFileSync(interfaces, text);
  const keys: readonly (readonly [string, string])[] = [
    // Two, as on a real node: a client that takes one kind first must be given the key of that kind.
    ["host", "etc/ssh/ssh_host_ecdsa_key"],
    ["host.pub", "etc/ssh/ssh_host_ecdsa_key.pub"],
    ["host-ed25519", "etc/ssh/ssh_host_ed25519_key"],
    ["host-ed25519.pub", "etc/ssh/ssh_host_ed25519_key.pub"],
    ["client.pub", "root/.ssh/authorized_keys"],
  ];
  for (const [key, file] of keys) {
    const at = path.join(upper, file);
    mkdirSync(path.dirname(at), { recursive: true });
    cpSync(path.join(LAB_FOLDER, "keys", key), at);
    chmodSync(at, 0o600);
  }
  // sshd refuses keys below a folder that others may write.
  chmodSync(path.join(upper, "root"), 0o700);
  chmodSync(path.join(upper, "root/.ssh"), 0o700);
  // Made now, so that guests which come and go leave the node's folders as they were.
  const folders = ["etc/network/interfaces.d", "var/lib/lxc", "var/lib/vz", "var/lib/pve-lab"];
  for (const folder of folders) mkdirSync(path.join(upper, folder), { recursive: true });
  symlinkSync(`../../../etc/pve/nodes/${node.name}`, path.join(upper, LOCAL));
}

/** Link on each node to its own folder among the cluster's files, which all nodes have in common. */
const LOCAL = "var/lib/pve-lab/local";

/** Puts a new lab's /etc/pve in place: one folder for all nodes, and the links that lead each to its own part. */
export function placeClusterFiles(place: Place): void {
  const folder = clusterFolder(place);
  if (existsSync(folder)) return;
  const made = `${folder}.new`;
  rmSync(made, { recursive: true, force: true });
  cpSync(path.join(LAB_FOLDER, "node/etc/pve"), made, { recursive: true });
  mkdirSync(path.join(made, "firewall"));
  const own = ["lxc", "qemu-server", "openvz"];
  for (const { name } of nodesOf(place)) {
    for (const kind of own) mkdirSync(path.join(made, "nodes", name, kind), { recursive: true });
  }
  symlinkSync(`../../${LOCAL}`, path.join(made, "local"));
  for (const kind of own) symlinkSync(`local/${kind}`, path.join(made, kind));
  renameSync(made, folder);
}
