/** The rules of a declaration once more, over what a stack says it places. */
import { z } from "zod";

import { outputsSchema } from "../outputs";
import type { Problem } from "../problem";
import { siteRules } from "../rules/site";
import { topologySchema } from "../schema/site";
import { toTopology } from "../site";

/** What is declared among the outputs; what is observed may not be known yet. */
const declaredApp = z.object({
  vmid: z.int(),
  mac: z.string(),
  port: z.int(),
  reservation: z.string().optional(),
});
const outputs = z.object({
  network: outputsSchema.shape.network,
  appliance: z.object({ vmid: z.int(), hostname: z.string() }).optional(),
  apps: z.record(z.string(), declaredApp).optional(),
});

/** Gateway, pool, reservations and names, as the outputs tell them, obey every rule of a site. */
export function hasLegalSite(told: unknown): readonly Problem[] {
  const { network, appliance, apps = {} } = outputs.parse(told);
  if (network === undefined || appliance === undefined) return [];
  const { cidr, gateway, domain, pool } = network;
  const parsed = topologySchema.parse({
    network: { cidr, gateway, domain, dhcp: pool },
    appliance: { vmid: appliance.vmid, hostname: appliance.hostname },
    apps: Object.fromEntries(
      Object.entries(apps).map(([name, { vmid, mac, port, reservation }]) => [
        name,
        { vmid, mac, port, ...(reservation === undefined ? {} : { address: reservation }) },
      ]),
    ),
  });
  return siteRules.flatMap((rule) => rule(toTopology(parsed, "any")));
}
