import type { Call, Reply } from "../../../server/context";

/** GET /nodes/{node}/status. */
export async function GET({ lab, params }: Call): Promise<Reply> {
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
