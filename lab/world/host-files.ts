/** The files that a host has before its first boot, beyond the image's. */
import { chmodSync, cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";

import { hostFolder, LAB_FOLDER, type Place } from "./place";
import type { HostSpec } from "./topology";

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
  if (role === "node") placeNodeFiles(upper, name);
  writeFileSync(done, "");
}

function write(upper: string, file: string, text: string, mode = 0o644): void {
  const at = path.join(upper, file);
  mkdirSync(path.dirname(at), { recursive: true });
  writeFileSync(at, text, { mode });
}

/** What only a Proxmox node has: its keys, and /etc/pve with its links. */
function placeNodeFiles(upper: string, node: string): void {
  write(upper, "etc/hosts", `127.0.0.1 localhost\n192.168.1.10 ${node}.lan.example.net ${node}\n`);
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
  const own = ["lxc", "qemu-server", "openvz"];
  for (const name of own) {
    mkdirSync(path.join(upper, "etc/pve/nodes", node, name), { recursive: true });
    symlinkSync(`nodes/${node}/${name}`, path.join(upper, "etc/pve", name));
  }
  symlinkSync(`nodes/${node}`, path.join(upper, "etc/pve/local"));
  // Made now, so that guests which come and go leave the node's folders as they were.
  const folders = ["etc/pve/firewall", "etc/network/interfaces.d", "var/lib/lxc", "var/lib/vz"];
  for (const folder of folders) mkdirSync(path.join(upper, folder), { recursive: true });
}
