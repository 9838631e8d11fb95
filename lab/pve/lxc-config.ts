import { BackendError } from "../backend/backend";
import type { GuestConfig } from "./guest-config";
import { guestNets } from "./guest-net";
import { devicePath, parseMountPoint } from "./mount-point";

/** The LXC architecture of a guest; Proxmox's names differ for two. */
const ARCH: Readonly<Record<string, string>> = { amd64: "x86_64", i386: "i686" };

/** Plugs a guest's port into its own firewall bridge, and removes that bridge again. */
const PORT_SCRIPT = "/usr/share/lxc/lxcnetaddbr";

/** Nesting of the guest; only then may it mount its own proc and sysfs. */
const hasNesting = (config: GuestConfig): boolean =>
  (config.keys.get("features") ?? "").split(",").includes("nesting=1");

/**
 * The LXC configuration of a guest, as Proxmox generates it at every start, with the raw `lxc.*` lines last
 * (docs/proxmox/containers-and-nics.md 3). What depends on the guest's place (rootfs path, includes, cgroups)
 * is not in it: the backend puts that before this text.
 */
export function lxcConfig(vmid: number, config: GuestConfig): string {
  const { keys, lxc } = config;
  const arch = keys.get("arch") ?? "amd64";
  const lines = [`lxc.arch = ${ARCH[arch] ?? arch}`, `lxc.uts.name = ${shortName(vmid, keys)}`];
  if (keys.get("unprivileged") === "1") {
    const ownMaps = lxc.some(([key]) => key === "lxc.idmap");
    if (!ownMaps) lines.push("lxc.idmap = u 0 100000 65536", "lxc.idmap = g 0 100000 65536");
  }
  lines.push(`lxc.tty.max = ${keys.get("tty") ?? "2"}`, ...limits(keys));
  if (hasNesting(config)) lines.push("lxc.mount.auto = proc:rw sys:rw");
  lines.push(...mounts(keys));
  lines.push(...interfaces(vmid, keys));
  lines.push(...lxc.map(([key, value]) => `${key} = ${value}`));
  return `${lines.join("\n")}\n`;
}

function interfaces(vmid: number, keys: ReadonlyMap<string, string>): readonly string[] {
  const nets = guestNets(keys);
  // The kernel refuses the second interface of a name, and LXC reports no more than that.
  if (new Set(nets.map(({ name }) => name)).size < nets.length) {
    throw new BackendError(`startup for container '${vmid}' failed`);
  }
  return nets.flatMap((net) => {
    if (net.bridge === undefined) {
      throw new BackendError(`missing bridge configuration for net${net.index}`);
    }
    const prefix = `lxc.net.${net.index}`;
    return [
      `${prefix}.type = veth`,
      `${prefix}.veth.pair = veth${vmid}i${net.index}`,
      `${prefix}.link = ${net.bridge}`,
      `${prefix}.hwaddr = ${net.hwaddr}`,
      `${prefix}.name = ${net.name}`,
      ...(net.mtu === undefined ? [] : [`${prefix}.mtu = ${net.mtu}`]),
      ...(net.linkDown ? [] : [`${prefix}.flags = up`]),
      // Proxmox has these lines on every veth; the lab only where the script has something to do.
      ...(net.firewall
        ? [`${prefix}.script.up = ${PORT_SCRIPT}`, `${prefix}.script.down = ${PORT_SCRIPT}`]
        : []),
    ];
  });
}

/** A path as a field of fstab(5), in which blanks and backslashes are octal. */
const field = (path: string): string =>
  path.replace(/[\s\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`);

/** Folders and devices of the node that the guest has as well. */
function mounts(keys: ReadonlyMap<string, string>): readonly string[] {
  return [...keys].flatMap(([key, value]) => {
    if (/^mp\d+$/.test(key)) {
      const { volume, target, readOnly } = parseMountPoint(key, value);
      const options = ["bind", ...(readOnly ? ["ro"] : []), "create=dir"].join(",");
      return [`lxc.mount.entry = ${field(volume)} ${field(relative(target))} none ${options} 0 0`];
    }
    const device = /^dev\d+$/.test(key) ? devicePath(key, value) : undefined;
    if (device === undefined) return [];
    const target = field(relative(device));
    return [`lxc.mount.entry = ${field(device)} ${target} none bind,create=file 0 0`];
  });
}

/** LXC reads targets below the guest's root. */
const relative = (path: string): string => path.replace(/^\/+/, "");

const MIB = 2 ** 20;

/**
 * Limits of memory and processor time for both versions of cgroups; LXC takes those that its host
 * has. Version 1 counts swap together with memory, and a limit of half a core is 50 ms in 100.
 */
function limits(keys: ReadonlyMap<string, string>): readonly string[] {
  const memory = Number(keys.get("memory") ?? 512) * MIB;
  const swap = Number(keys.get("swap") ?? 512) * MIB;
  const cores = Number(keys.get("cpulimit") ?? 0) || Number(keys.get("cores") ?? 0);
  return [
    `lxc.cgroup.memory.limit_in_bytes = ${memory}`,
    `lxc.cgroup2.memory.max = ${memory}`,
    `lxc.cgroup2.memory.swap.max = ${swap}`,
    ...(cores > 0
      ? [
          `lxc.cgroup.cpu.cfs_quota_us = ${Math.round(cores * 100_000)}`,
          `lxc.cgroup2.cpu.max = ${Math.round(cores * 100_000)} 100000`,
        ]
      : []),
  ];
}

/** The guest's host name without its domain; Proxmox calls an unnamed guest `CT<vmid>`. */
export function shortName(vmid: number, keys: ReadonlyMap<string, string>): string {
  return (keys.get("hostname") ?? `CT${vmid}`).split(".")[0] ?? `CT${vmid}`;
}
