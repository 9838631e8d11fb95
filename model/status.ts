/** The status of the infrastructure, as the appliance's probe writes it (appliance/usr/local/lib/proximity). */
import { z } from "zod";

import { families } from "./family";

const nullable = z.string().nullable();
const time = z.iso.datetime();

const service = z.object({
  status: z.enum(["running", "stopped", "unknown"]),
  healthy: z.boolean().describe("Every check of it holds."),
  declared: z.boolean().describe("False when it is declared off; then it counts for nothing."),
  reason: nullable.describe("What is wrong, in words; null when it is healthy."),
  checks: z
    .array(z.object({ name: z.string(), ok: z.boolean(), seen: z.string() }))
    .describe("What was looked at, and what was seen."),
});

const application = z.object({
  ip: nullable.describe("Address of its DHCP lease; null while it has none."),
  hostname: z.string(),
  dns_name: z.string(),
  vmid: z.int(),
  mac: z.string(),
  port: z.int().describe("Where it is declared to answer HTTP."),
  path: z
    .string()
    .nullable()
    .describe("Its path on the proxy; null where it is served by its name alone."),
  lease_expires_at: time.nullable(),
  health: z.object({
    healthy: z.boolean().describe("It answered HTTP with a status below 500."),
    http_status: z.int().nullable(),
    seconds: z.number().nullable().describe("How long the answer took."),
    reason: nullable,
  }),
});

const lease = z.object({
  ip: z.string(),
  mac: z.string(),
  hostname: nullable,
  expires_at: time.nullable().describe("null: it does not expire."),
  app: nullable.describe("The declared app that holds it."),
  declared: z.boolean().describe("False for a guest that no app is declared for."),
});

const problem = z.object({
  severity: z
    .enum(["error", "warning"])
    .describe("error: the network itself; warning: one app, or space that runs out."),
  subject: z.string().describe("The place in this document."),
  message: z.string(),
  action: z.string().describe("What to do about it; commands stand between backticks."),
});

const space = z.object({ total_bytes: z.number(), free_bytes: z.number() });

/** The whole document; the fields up to `health_status` are the ones of the first description. */
export const statusSchema = z.object({
  appliance: z.object({
    vmid: z.int(),
    hostname: z.string(),
    status: z.string().describe("`running` in the appliance's own words; the node may know other."),
    wan_ip: nullable,
    lan_ip: nullable,
    management_url: nullable.describe("The web console; null when it is declared off."),
    node: z.string(),
  }),
  bridge: z.object({
    name: z.string(),
    exists: z.boolean(),
    status: z.enum(["UP", "DOWN"]),
    observed_by: z
      .enum(["appliance", "node"])
      .describe(
        "appliance: from the state of its own interface; the bridge itself is on the node.",
      ),
  }),
  network: z.object({
    network: z.string(),
    gateway: z.string(),
    dhcp_range: z.string(),
    domain: z.string(),
    upstream: z
      .object({ gateway: nullable, reachable: z.boolean() })
      .describe("The LAN's router, and whether it answers."),
  }),
  services: z.object({
    dnsmasq: service,
    iptables: service.describe("NAT and isolation, kept by nftables."),
    caddy: service,
    cockpit: service,
  }),
  applications: z.array(application).describe("The declared apps, by name."),
  health_status: z
    .enum(["healthy", "degraded", "unhealthy"])
    .describe("degraded: only warnings; unhealthy: at least one error."),
  checked_at: time.describe("When this was looked at. Older than three intervals is stale."),
  interval_seconds: z.number(),
  stale_action: z.string().describe("What to do when this document is stale."),
  mode: z.string(),
  family: z.enum(families).default("debian").describe("The appliance's system."),
  leases: z.array(lease),
  files: z
    .array(z.object({ path: z.string(), state: z.string() }))
    .describe("The placed files: `intact`, `missing`, `changed`, or another mode."),
  resources: z.object({ disk: space, memory: space }),
  problems: z.array(problem),
});

/** One look at the infrastructure. */
export type Status = Readonly<z.output<typeof statusSchema>>;

/** Intervals after which a status is stale, whoever reads it. */
export const staleAfter = 3;

/** True when the probe has not written for so long that its words are no longer news; `now` in ms. */
export function isStale({ checked_at, interval_seconds }: Status, now: number): boolean {
  return now - Date.parse(checked_at) > staleAfter * interval_seconds * 1000;
}
