/** The private network as a person writes it. */
import { z } from "zod";

import { dns } from "./dns";
import { invalid } from "./messages";
import { cidr, interfaceName, ipv4 } from "./scalars";

const optionError = invalid(
  "a value of a DHCP option",
  "Use printable ASCII without quotes, # and \\, or a list of such values.",
);
const optionValue = z.string().regex(/^[!$-[\]-~]+( [!$-[\]-~]+)*$/, optionError);

const dhcp = z.strictObject({
  start: ipv4.default("10.20.0.100").describe("First address that DHCP hands out."),
  end: ipv4.default("10.20.0.250").describe("Last one."),
  leaseHours: z.int().min(1).max(8760).default(12).describe("How long a lease holds, in hours."),
  options: z
    .record(z.string(), z.union([optionValue, z.array(optionValue).min(1)], optionError))
    .default({})
    .meta({
      description:
        "Further DHCP options: one value or a list. By number, or by dnsmasq's name, such as `ntp-server`.",
      "x-key": "OPTION",
    }),
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
    .regex(
      /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
      invalid("a domain", "Use lower-case letters, digits, hyphens and dots, such as prox.local."),
    )
    .default("prox.local")
    .describe("Domain of the apps' names."),
  mtu: z.int().min(1280).max(1500).optional().meta({
    description:
      "Largest packet on the private network, where that must be smaller than usual, such as 1450 on a VXLAN.",
    "x-default": "1500",
  }),
  dns: dns.prefault({}),
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
