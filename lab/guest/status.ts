import type { GuestState } from "../backend/backend";
import type { Json, LabContext } from "../server/context";
import { parseRootfs } from "../pve/rootfs";
import { isAtLeast } from "../server/versions";

const MIB = 2 ** 20;

/** How long processes waited, in percent of ten seconds (texts, as Proxmox reads them); nobody waits here. */
const NO_PRESSURE = Object.fromEntries(
  ["cpu", "io", "memory"].flatMap((what) =>
    ["some", "full"].map((how) => [`pressure${what}${how}`, "0.00"] as const),
  ),
);

/** Disk of a guest: the file system of a running one, else what its volume was made for. */
function diskOf(
  keys: ReadonlyMap<string, string>,
  { disk }: GuestState,
): { readonly disk: number; readonly maxdisk: number } {
  if (disk !== undefined) return { disk: disk.used, maxdisk: disk.total };
  const rootfs = keys.get("rootfs");
  // Without a disk, as while a guest is made, Proxmox shows 4 GiB.
  return { disk: 0, maxdisk: rootfs === undefined ? 4 * 2 ** 30 : parseRootfs(rootfs).bytes };
}

/** What is shown of some guests only. */
function extras(
  keys: ReadonlyMap<string, string>,
  state: GuestState,
  version: string,
): Record<string, Json> {
  const shown = ["lock", "tags"].flatMap((key) => {
    const value = keys.get(key);
    return value === undefined ? [] : [[key, value] as const];
  });
  return {
    ...Object.fromEntries(shown),
    ...(keys.get("template") === "1" ? { template: 1 } : {}),
    ...(state.pid === undefined ? {} : { pid: state.pid }),
    ...(state.running && isAtLeast(version, "9.0") ? NO_PRESSURE : {}),
  };
}

/** A guest as status/current and the lists show it; memory and disk in bytes, uptime in seconds. */
export async function guestStatus(
  lab: LabContext,
  node: string,
  vmid: number,
): Promise<Record<string, Json>> {
  const { keys } = (await lab.guests.load(node, vmid)).current;
  const state = await lab.backend.guestState(node, vmid);
  return {
    vmid,
    type: "lxc",
    name: keys.get("hostname") ?? `CT${vmid}`,
    status: state.running ? "running" : "stopped",
    cpus: Number(keys.get("cores") ?? (await lab.backend.stats(node)).maxcpu),
    cpu: state.cpu,
    mem: state.mem,
    maxmem: Number(keys.get("memory") ?? 512) * MIB,
    swap: 0,
    maxswap: Number(keys.get("swap") ?? 512) * MIB,
    ...diskOf(keys, state),
    netin: 0,
    netout: 0,
    diskread: 0,
    diskwrite: 0,
    uptime: state.uptime,
    ...extras(keys, state, lab.version),
  };
}
