import { BackendError } from "../backend/backend";
import type { Call, Reply } from "../server/context";
import { startAll } from "../guest/start-all";

/** One node as the node list shows it; memory in bytes, cpu as a fraction; no figures without Sys.Audit. */
export async function nodeEntry(
  { lab, user }: Call,
  node: string,
): Promise<Record<string, string | number>> {
  const { online, cpu, maxcpu, mem, maxmem, uptime } = await lab.backend.stats(node);
  // Clients put the fingerprint into a list of texts, so it is never left out (provider-calls.md 6).
  const identity = { node, level: "", ssl_fingerprint: "" };
  if (!online) return { ...identity, status: "offline" };
  if (!user.has(`/nodes/${node}`, "Sys.Audit")) return { ...identity, status: "online" };
  return { ...identity, status: "online", cpu, maxcpu, mem, maxmem, uptime };
}

/** GET /nodes. */
export async function listNodes(call: Call): Promise<Reply> {
  return { data: await Promise.all(call.lab.backend.nodes.map((node) => nodeEntry(call, node))) };
}

/** GET /nodes/{node}/status. */
export async function nodeStatus({ lab, params }: Call): Promise<Reply> {
  const { cpu, maxcpu, mem, maxmem, uptime } = await lab.backend.stats(params.required("node"));
  return {
    data: {
      cpu,
      cpuinfo: { cores: maxcpu, cpus: maxcpu, sockets: 1, model: "lab" },
      memory: { free: maxmem - mem, used: mem, total: maxmem },
      uptime,
      pveversion: `pve-manager/${lab.version}/0000000000000000`,
    },
  };
}

/** POST /nodes/{node}/startall: what a node does at boot; starts guests in a task. */
export function startGuests({ lab, user, params }: Call): Reply {
  const node = params.required("node");
  if (params.text("vms") !== undefined) {
    throw new BackendError("'vms' is not implemented in the lab", 501);
  }
  const how = { node, user: user.user, force: params.flag("force") };
  const task = { node, type: "startall", id: "", user: user.user };
  return { data: lab.tasks.start(task, (log) => startAll(lab, how, log)) };
}

/** GET /nodes/{node}/qemu: the lab has no virtual machines. */
export const listQemu = (): Reply => ({ data: [] });
