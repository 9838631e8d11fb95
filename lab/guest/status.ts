import type { Json, LabContext } from "../server/context";
import { parseRootfs } from "../pve/rootfs";

const MIB = 2 ** 20;

/** A guest as status/current and the lists show it; memory and disk in bytes, uptime in seconds. */
export async function guestStatus(
  lab: LabContext,
  node: string,
  vmid: number,
): Promise<Record<string, Json>> {
  const { current } = await lab.guests.load(node, vmid);
  const state = await lab.backend.guestState(node, vmid);
  const { keys } = current;
  const rootfs = keys.get("rootfs");
  const status: Record<string, Json> = {
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
    disk: 0,
    maxdisk: rootfs === undefined ? 0 : parseRootfs(rootfs).bytes,
    netin: 0,
    netout: 0,
    diskread: 0,
    diskwrite: 0,
    uptime: state.uptime,
  };
  for (const key of ["lock", "tags"]) {
    const value = keys.get(key);
    if (value !== undefined) status[key] = value;
  }
  if (keys.get("template") === "1") status["template"] = 1;
  if (state.pid !== undefined) status["pid"] = state.pid;
  return status;
}
