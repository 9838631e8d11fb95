import type { Call, Reply } from "../context";

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

/** GET /nodes/{node}/qemu: the lab has no virtual machines. */
export const listQemu = (): Reply => ({ data: [] });
