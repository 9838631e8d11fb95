/** The packet filter of a public interface as a person writes it (facts of the grammar: docs of pve-firewall). */
import { z } from "zod";

import { isIpv4, parseCidr } from "../net";
import { invalid } from "./messages";
import { port } from "./scalars";

const level = z.enum([
  "emerg",
  "alert",
  "crit",
  "err",
  "warning",
  "notice",
  "info",
  "debug",
  "nolog",
]);

const policy = z.enum(["ACCEPT", "DROP", "REJECT"]);

/** A name as aliases and address sets have it in a `.fw` file. */
const filterName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_-]{1,63}$/,
    invalid(
      "a name for the firewall",
      "Write 2 to 64 letters, digits, hyphens and underscores, the first a letter.",
    ),
  );

/** One address, network or range, without anything that could end the word in a `.fw` line. */
function isAddresses(text: string): boolean {
  const [first = "", last, ...rest] = text.split("-");
  if (last !== undefined) return rest.length === 0 && isIpv4(first) && isIpv4(last);
  return isIpv4(text) || isNetwork(text);
}

function isNetwork(text: string): boolean {
  const cidr = parseCidr(text);
  return cidr !== undefined && cidr.prefix > 0;
}

const reference = /^(\+|)(dc\/|guest\/)?[A-Za-z][A-Za-z0-9_-]{1,63}$/;

const addresses = z
  .string()
  .refine(
    (text) => reference.test(text) || text.split(",").every(isAddresses),
    invalid(
      "a source or destination",
      "Write 10.0.0.5, 10.0.0.0/24, 10.0.0.5-10.0.0.9, a list of them with commas and no blanks, +SET, or an alias.",
    ),
  );

/** Up to 15 numbers, where a range counts two: the limit of the kernel's multiport match. */
function isPorts(text: string): boolean {
  const parts = text.split(",").map((part) => part.split(":").map(Number));
  return (
    /^\d+(:\d+)?(,\d+(:\d+)?)*$/.test(text) &&
    parts.flat().length <= 15 &&
    parts.flat().every((number) => number >= 1 && number <= 65_535) &&
    parts.every(([from = 0, to = 65_536]) => from < to)
  );
}

const portsError = invalid(
  "a port",
  "Write 80, 8000:8010 or a list of them with commas and no blanks, 15 at most.",
);
const ports = z
  .union([port.transform(String), z.string()], portsError)
  .refine((text) => isPorts(text), portsError);

const comment = z
  .string()
  .regex(
    /^[^\s#[\]\p{C}]([^#[\]\p{C}\p{Zl}\p{Zp}]*[^\s#[\]\p{C}])?$/u,
    invalid("a comment for a rule", "Write one line without # [ ] and without blanks at its ends."),
  );

const rule = z.strictObject({
  direction: z.enum(["in", "out"]).default("in").describe("Towards the guest, or away from it."),
  action: policy.default("ACCEPT").describe("What becomes of the packet."),
  macro: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]*$/, invalid("a macro", "Write a name such as HTTPS."))
    .optional()
    .describe("A macro of Proxmox's, such as `HTTPS`, instead of protocol and port."),
  protocol: z.enum(["tcp", "udp", "icmp"]).optional().describe("The protocol; without it, every."),
  port: ports.optional().describe("Ports at the destination, such as `443` or `8000:8010,9000`."),
  sourcePort: ports.optional().describe("Ports at the source."),
  source: addresses
    .optional()
    .describe("Where from: addresses, a network, a range, `+SET` or an alias."),
  destination: addresses.optional().describe("Where to, likewise."),
  icmpType: z
    .enum(["echo-request", "echo-reply", "destination-unreachable", "time-exceeded"])
    .optional()
    .describe("With the protocol `icmp`."),
  log: level.optional().describe("Write matching packets to the log, at this level."),
  comment: comment.optional().describe("A comment behind the rule."),
  enabled: z.boolean().default(true).describe("False keeps the rule in the file and out of force."),
});

const addressOrNetwork = z
  .string()
  .refine(
    (text) => isIpv4(text) || isNetwork(text),
    invalid("an address or a network", "Write 10.0.0.5 or 10.0.0.0/24."),
  );

const filterEntry = z
  .string()
  .refine(
    (text) => isIpv4(text.replace(/^!/, "")) || isNetwork(text.replace(/^!/, "")),
    invalid("an entry of a set", "Write an address or a network, with ! in front to leave it out."),
  );

export const firewall = z.strictObject({
  open: z
    .array(port)
    .default([80, 443])
    .describe("TCP ports that are open to everybody, behind the rules below."),
  ping: z.boolean().default(true).describe("Answer to ping."),
  rules: z.array(rule).default([]).describe("Further rules, in their order, before those above."),
  aliases: z
    .record(filterName, addressOrNetwork)
    .default({})
    .meta({ description: "Names for addresses and networks.", "x-key": "NAME" }),
  ipsets: z
    .record(filterName, z.array(filterEntry))
    .default({})
    .meta({ description: "Named sets of addresses, for `+NAME`.", "x-key": "NAME" }),
  policyIn: policy.default("DROP").describe("What becomes of all else that comes in."),
  policyOut: policy.default("ACCEPT").describe("What becomes of all else that goes out."),
  logIn: level.default("nolog").describe("Log what `policyIn` decides about, at this level."),
  logOut: level.default("nolog").describe("Log what `policyOut` decides about, likewise."),
  macfilter: z.boolean().default(true).describe("Drop frames with another MAC address (`veth`)."),
  ipfilter: z.boolean().default(false).describe("Drop packets with another address (`veth`)."),
});
