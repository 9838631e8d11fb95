import { BackendError, type Backend } from "../backend/backend";
import type { GuestConfig } from "../pve/guest-config";
import { guestInterfaces, hostsFile, resolvConf, type GuestIdentity } from "../pve/guest-files";
import { guestNets } from "../pve/guest-net";
import { shortName } from "../pve/lxc-config";
import { resolverOf } from "../pve/node-network";

/** Systems whose network Proxmox writes to /etc/network/interfaces; `unmanaged` ones are left alone. */
const IFUPDOWN = new Set(["debian", "devuan", "alpine"]);

/** The ostype that Proxmox would detect from the files of a fresh rootfs. */
export async function detectOsType(backend: Backend, node: string, vmid: number): Promise<string> {
  const release = await backend.readGuestFile(node, vmid, "/etc/os-release");
  const id = /^ID="?([a-z]+)"?$/m.exec(release ?? "")?.[1];
  return id !== undefined && (IFUPDOWN.has(id) || id === "ubuntu") ? id : "unmanaged";
}

/** Writes authorized_keys of the guest's root, one key a line. */
export async function writeAuthorizedKeys(
  backend: Backend,
  node: string,
  vmid: number,
  keys: string | undefined,
): Promise<void> {
  if (keys === undefined || keys.trim() === "") return;
  await backend.writeGuestFile(node, vmid, "/root/.ssh/authorized_keys", `${keys.trim()}\n`);
}

async function identity(
  backend: Backend,
  node: string,
  vmid: number,
  config: GuestConfig,
): Promise<GuestIdentity> {
  const { keys } = config;
  const nameserver = keys.get("nameserver");
  const search = keys.get("searchdomain");
  // With neither set, a guest gets the node's own resolver (docs/proxmox/containers-and-nics.md 6).
  const host = resolverOf((await backend.readFile(node, "/etc/resolv.conf")) ?? "");
  const own = nameserver !== undefined || search !== undefined;
  return {
    hostname: keys.get("hostname") ?? `CT${vmid}`,
    nameservers: own ? (nameserver?.split(/[,;\s]+/) ?? []) : host.nameservers,
    searchdomain: own ? search : host.search,
    nets: guestNets(keys),
  };
}

/** Writes what Proxmox writes into a guest at creation and at every start; `.pve-ignore.NAME` keeps a file as it is. */
export async function writeGuestFiles(
  backend: Backend,
  node: string,
  vmid: number,
  config: GuestConfig,
): Promise<void> {
  const ostype = config.keys.get("ostype") ?? "unmanaged";
  if (ostype === "unmanaged") return;
  if (!IFUPDOWN.has(ostype)) {
    throw new BackendError(
      `ostype '${ostype}' is not implemented in the lab: use one of ${[...IFUPDOWN].join(", ")}`,
      501,
    );
  }
  const guest = await identity(backend, node, vmid, config);
  const files: readonly (readonly [string, string, (current: string) => string])[] = [
    ["/etc", "hostname", () => `${shortName(vmid, config.keys)}\n`],
    ["/etc", "hosts", (current) => hostsFile(current, guest)],
    ["/etc", "resolv.conf", (current) => resolvConf(current, guest)],
    ["/etc/network", "interfaces", (current) => guestInterfaces(current, guest.nets)],
  ];
  for (const [folder, name, render] of files) {
    const ignore = await backend.readGuestFile(node, vmid, `${folder}/.pve-ignore.${name}`);
    if (ignore !== undefined) continue;
    const current = (await backend.readGuestFile(node, vmid, `${folder}/${name}`)) ?? "";
    const text = render(current);
    if (text !== current) await backend.writeGuestFile(node, vmid, `${folder}/${name}`, text);
  }
}
