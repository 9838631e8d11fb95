/**
 * The stack's outputs as a contract: names stay, and a value that was not observed is omitted.
 * docs/outputs.md and docs/outputs.schema.json are generated from this.
 */
import { z } from "zod";

import { isIpv4, isUnicastMac } from "./net";

const address = z.string().refine(isIpv4).meta({ format: "ipv4" });
const url = z.string().regex(/^https?:\/\//);

const mac = z.string().refine(isUnicastMac);

const onLan = {
  publicAddress: address
    .optional()
    .describe("Observed: its own address on your LAN, with a `publicInterface` only."),
  publicMac: mac.optional().describe("Observed: the MAC address of that interface."),
  filteredBy: z
    .enum(["the node", "the guest"])
    .optional()
    .describe("Who filters that interface: `the node` with the `.fw` file, or `the guest` itself."),
  reachableFromNode: z
    .boolean()
    .optional()
    .describe(
      "Whether the node itself can reach that address; with macvlan only through `hostShim`.",
    ),
};

const app = z.strictObject({
  vmid: z.int().describe("As declared."),
  node: z.string().describe("The node it is on."),
  mode: z
    .enum(["platinum", "direct"])
    .describe("`platinum`: on the private network. `direct`: on your LAN."),
  reason: z
    .string()
    .optional()
    .describe("Why it is on your LAN although `platinum` is declared; only in that case."),
  dnsName: z.string().optional().describe("Its name inside the private network, if it is on it."),
  mac: mac.describe("As declared, or derived."),
  port: z.int().describe("As declared."),
  reservation: address.optional().describe("The reserved address, if one is declared."),
  address: address.optional().describe("Observed: its address."),
  listening: z
    .boolean()
    .optional()
    .describe(
      "Observed: whether something listened on its port when it was last set up; `statusUrl` has the current state.",
    ),
  url: url
    .optional()
    .describe(
      "On the observed address: its path on the proxy, or for a direct app its own port. Its name if it is served by name alone.",
    ),
  hostUrl: url
    .optional()
    .describe(
      "Its own name on the proxy, if it is behind the proxy. docs/promises.md says who resolves that name.",
    ),
  ...onLan,
});

const guest = z.strictObject({
  vmid: z.int().describe("As declared."),
  address: address.optional().describe("Observed: its address on the inner side."),
  ...onLan,
  openPorts: z
    .array(z.int())
    .optional()
    .describe("Observed: TCP ports that listened on all its addresses."),
});

const appliance = z.strictObject({
  vmid: z.int().describe("As declared."),
  hostname: z.string().describe("As declared."),
  node: z.string().describe("The node it is on."),
  wanAddress: address.optional().describe("Observed: its address on your LAN."),
  lanAddress: address.optional().describe("Observed: its address on the private network."),
});

const network = z.strictObject({
  cidr: z.string().describe("The private network."),
  gateway: address.describe("The appliance's address in it, as declared or derived."),
  domain: z.string().describe("Domain of the apps' names."),
  pool: z.strictObject({
    start: address.describe("First address of the DHCP pool."),
    end: address.describe("Last one."),
  }),
});

const dhcp = z.strictObject({
  total: z.int().describe("Number of addresses in the DHCP pool."),
  free: z.int().describe("Number of addresses left once every app has one."),
  leases: z
    .record(z.string(), address)
    .meta({ "x-key": "NAME" })
    .describe("Observed: the address of each app that has no reservation."),
});

const forward = z.strictObject({
  protocol: z.enum(["tcp", "udp"]).describe("As declared."),
  address: address.optional().describe("Observed: the appliance's address on your LAN."),
  port: z
    .union([z.int(), z.string().regex(/^\d+-\d+$/)])
    .describe("As declared: a port on that address, or a range such as `5000-5010`."),
  app: z.string().describe("The target app."),
  appPort: z.int().optional().describe("The port of the app; not with a range."),
});

/** Every output, each with its own sentence; with nothing declared there is only `mode`. */
export const outputsSchema = z.strictObject({
  mode: z
    .enum(["platinum", "direct", "empty"])
    .describe(
      "`platinum`: the private network exists. `direct`: there is none, the apps are on your LAN. `empty`: nothing is declared.",
    ),
  reason: z
    .string()
    .nullable()
    .optional()
    .describe(
      "Why the appliance could not be built or changed although apps need it; `null` if it was. With `onApplianceFailure: fallback` only.",
    ),
  onApplianceFailure: z.enum(["fail", "fallback"]).optional().describe("As declared."),
  node: z.string().optional().describe("The node, named or chosen."),
  bridge: z.string().optional().describe("The bridge, once it exists."),
  network: network.optional(),
  appliance: appliance.optional(),
  consoleUrl: url
    .nullable()
    .optional()
    .describe(
      "The web console, on the observed address; `null` where the appliance could not be set up.",
    ),
  statusUrl: url
    .nullable()
    .optional()
    .describe(
      "The current status, leases included, as JSON; `null` where the appliance could not be set up.",
    ),
  dhcp: dhcp.optional(),
  exposed: z
    .record(z.string(), z.string())
    .optional()
    .meta({ "x-key": "NAME" })
    .describe(
      "One sentence for each thing that is open to the LAN, and for what apps may reach there.",
    ),
  forwards: z.record(z.string(), forward).optional().meta({ "x-key": "NAME" }),
  apps: z.record(z.string(), app).optional().meta({ "x-key": "NAME" }),
  guests: z.record(z.string(), guest).optional().meta({ "x-key": "NAME" }),
});

/** The outputs as a reader gets them. */
export type Outputs = Readonly<z.output<typeof outputsSchema>>;
