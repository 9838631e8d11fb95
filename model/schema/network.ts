/** The private network as a person writes it. */
import { z } from "zod";

import { cidr, interfaceName, ipv4 } from "./scalars";

const dhcp = z.strictObject({
  start: ipv4.default("10.20.0.100").describe("First address that DHCP hands out."),
  end: ipv4.default("10.20.0.250").describe("Last one."),
  leaseHours: z.int().min(1).max(8760).default(12).describe("How long a lease holds, in hours."),
});

export const network = z.strictObject({
  bridge: interfaceName
    .default("proximity-lan")
    .describe("Bridge of the private network; 15 characters at most."),
  publicBridge: interfaceName
    .default("vmbr0")
    .describe("Bridge of the LAN on which guests with a `publicInterface` have their address."),
  cidr: cidr
    .default("10.20.0.0/24")
    .describe("The private network, /16 to /29. It must not overlap your LAN."),
  gateway: ipv4.optional().meta({
    description: "The appliance's address in it.",
    "x-default": "first host of the network",
  }),
  dhcp: dhcp.prefault({}),
  domain: z
    .string()
    .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$/)
    .default("prox.local")
    .describe("Domain of the apps' names."),
  upstreamDns: z
    .array(ipv4)
    .min(1)
    .default(["1.1.1.1", "8.8.8.8"])
    .describe("Resolvers that the appliance asks for all other names."),
  allow: z
    .array(cidr)
    .default([])
    .describe("Private networks that apps may reach all the same, such as `192.168.1.40/32`."),
  keepWhenEmpty: z
    .boolean()
    .default(false)
    .describe("Keep bridge and appliance when no app is left."),
});
