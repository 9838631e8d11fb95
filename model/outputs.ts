/**
 * The stack's outputs as a contract: names stay, and a value that nobody observed is left out. The
 * README's table and docs/outputs.schema.json are held to this.
 */
import { z } from "zod";

import { isIpv4, isUnicastMac } from "./net";

const address = z.string().refine(isIpv4).meta({ format: "ipv4" });
const url = z.string().regex(/^https?:\/\//);

const mac = z.string().refine(isUnicastMac);

const onLan = {
  publicAddress: address
    .optional()
    .describe("Observed: its own address on your LAN, if it has a `publicInterface`."),
  publicMac: mac.optional().describe("Observed: the MAC address of that interface."),
  filteredBy: z
    .enum(["the node", "the guest"])
    .optional()
    .describe("Who filters that interface: `the node` by the `.fw` file, or `the guest` itself."),
  reachableFromNode: z
    .boolean()
    .optional()
    .describe("Whether the node itself reaches that address; with macvlan only by `hostShim`."),
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
    .describe("Why it is on your LAN although it is declared otherwise; only then."),
  dnsName: z.string().optional().describe("Its name inside the private network, if it is there."),
  mac: mac.describe("As declared, or derived."),
  port: z.int().describe("As declared."),
  reservation: address.optional().describe("The address kept for it, where one is declared."),
  address: address.optional().describe("Observed: the address it got."),
  listening: z.boolean().optional().describe("Observed: whether something listened on its port."),
  url: url.optional().describe("Its path on the proxy, on the observed address."),
  hostUrl: url.optional().describe("Its own name on the proxy."),
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
    start: address.describe("First address that DHCP hands out."),
    end: address.describe("Last one."),
  }),
});

const dhcp = z.strictObject({
  total: z.int().describe("How many addresses DHCP hands out."),
  free: z.int().describe("How many of them are left when every app has its own."),
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
    .describe("As declared: one port there, or a range such as `5000-5010`."),
  app: z.string().describe("The app it leads to."),
  appPort: z.int().optional().describe("The app's own port; not with a range."),
});

/** Every output, each with its own sentence; with nothing declared there is only `mode`. */
export const outputsSchema = z.strictObject({
  mode: z
    .enum(["platinum", "direct", "empty"])
    .describe(
      "`platinum`: the private network is there. `direct`: there is none, the apps are on your LAN. `empty`: nothing is declared.",
    ),
  reason: z
    .string()
    .nullable()
    .optional()
    .describe(
      "Why the appliance could not be built or changed although apps want it; `null` when it was. With `onApplianceFailure: fallback` only.",
    ),
  onApplianceFailure: z.enum(["fail", "fallback"]).optional().describe("As declared."),
  node: z.string().optional().describe("The node, named or chosen."),
  bridge: z.string().optional().describe("The bridge, once it is there."),
  network: network.optional(),
  appliance: appliance.optional(),
  consoleUrl: url
    .nullable()
    .optional()
    .describe("The web console, on the observed address; `null` while nobody has seen one."),
  statusUrl: url
    .nullable()
    .optional()
    .describe("How everything is now, leases included, as JSON; `null` likewise."),
  dhcp: dhcp.optional(),
  forwards: z.record(z.string(), forward).optional().meta({ "x-key": "NAME" }),
  apps: z.record(z.string(), app).optional().meta({ "x-key": "NAME" }),
  guests: z.record(z.string(), guest).optional().meta({ "x-key": "NAME" }),
});

/** The outputs as a reader gets them. */
export type Outputs = Readonly<z.output<typeof outputsSchema>>;
