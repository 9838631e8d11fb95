import type { Call, Json, LabContext, Reply } from "../../../server/context";
import {
  assertRunning,
  rebootGuest,
  shutdownGuest,
  startGuest,
  stopGuest,
} from "../../../guest/power";
import { parseRootfs } from "../../../pve/rootfs";
import type { Work } from "../../../server/tasks";

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

const guestOf = ({ params }: Call): { readonly node: string; readonly vmid: number } => ({
  node: params.required("node"),
  vmid: Number(params.required("vmid")),
});

function startTask({ lab, user, params }: Call, type: string, work: Work): Reply {
  const node = params.required("node");
  return {
    data: lab.tasks.start({ node, type, id: params.required("vmid"), user: user.user }, work),
  };
}

/** GET .../status/current. */
export async function currentStatus(call: Call): Promise<Reply> {
  const { node, vmid } = guestOf(call);
  return { data: { ...(await guestStatus(call.lab, node, vmid)), ha: { managed: 0 } } };
}

/** POST .../status/start. */
export async function start(call: Call): Promise<Reply> {
  const { node, vmid } = guestOf(call);
  await assertRunning(call.lab, node, vmid, false);
  return startTask(call, "vzstart", (log) => startGuest(call.lab, node, vmid, log));
}

/** POST .../status/stop: at once, without asking the guest. */
export async function stop(call: Call): Promise<Reply> {
  const { node, vmid } = guestOf(call);
  await assertRunning(call.lab, node, vmid, true);
  return startTask(call, "vzstop", () => stopGuest(call.lab, node, vmid));
}

/** POST .../status/shutdown: `timeout` seconds (60), then a kill when `forceStop` is set. */
export async function shutdown(call: Call): Promise<Reply> {
  const { node, vmid } = guestOf(call);
  const timeoutSeconds = call.params.integer("timeout") ?? 60;
  const force = call.params.flag("forceStop");
  await assertRunning(call.lab, node, vmid, true);
  return startTask(call, "vzshutdown", () =>
    shutdownGuest(call.lab, node, vmid, { force, timeoutSeconds }),
  );
}

/** POST .../status/reboot: shuts down and starts with the pending changes. */
export async function reboot(call: Call): Promise<Reply> {
  const { node, vmid } = guestOf(call);
  const timeoutSeconds = call.params.integer("timeout") ?? 60;
  await assertRunning(call.lab, node, vmid, true);
  return startTask(call, "vzreboot", () => rebootGuest(call.lab, node, vmid, timeoutSeconds));
}
