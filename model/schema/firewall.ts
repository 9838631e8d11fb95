/** The packet filter of a public interface as a person writes it (docs/proxmox/firewall.md 3). */
import { z } from "zod";

import {
  formAddresses,
  formAlias,
  formEntry,
  formIcmpType,
  formMacro,
  formPorts,
  formProtocol,
  type Formed,
} from "../firewall/forms";
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

/** A text that is brought into Proxmox's form, or refused with the reason. */
function formed(form: (text: string) => Formed) {
  return z.string().transform((text, context) => {
    const result = form(text);
    if (typeof result === "string") return result;
    context.addIssue({ code: "custom", message: result.reason });
    return z.NEVER;
  });
}

/** The same for what may be written as a number, too. */
const orNumber = (form: (text: string) => Formed) =>
  z.union([z.number(), z.string()]).transform(String).pipe(formed(form));

const addresses = formed(formAddresses);
const ports = orNumber(formPorts);

const comment = z
  .string()
  .regex(
    /^[^\s\p{C}]([^\p{C}\p{Zl}\p{Zp}]*[^\s\p{C}])?$/u,
    invalid("a comment for a rule", "Write one line without blanks at its ends."),
  );

const rule = z.strictObject({
  direction: z.enum(["in", "out"]).default("in").describe("To the guest, or from it."),
  action: policy.default("ACCEPT").describe("What happens to the packet."),
  macro: formed(formMacro)
    .optional()
    .describe(
      "A macro of Proxmox, such as `HTTPS`, instead of protocol and port. All 86 are known; case does not matter.",
    ),
  protocol: orNumber(formProtocol)
    .optional()
    .describe(
      "The protocol: `tcp`, `udp`, `icmp`, `ipv6-icmp`, another name of `/etc/protocols`, or its number. Without it, every protocol.",
    ),
  port: ports
    .optional()
    .describe("Destination ports, such as `443`, `https` or `8000:8010,9000`; 15 numbers at most."),
  sourcePort: ports.optional().describe("Source ports, in the same form."),
  source: addresses
    .optional()
    .describe(
      "The source: addresses and networks of one family with commas, one range, `+SET` or an alias; `dc/` before the name of one of the datacenter (`veth`).",
    ),
  destination: addresses.optional().describe("The destination, in the same form."),
  icmpType: formed(formIcmpType)
    .optional()
    .describe(
      "With the protocol `icmp` or `ipv6-icmp`: the type by the name that iptables has for it.",
    ),
  log: level.optional().describe("Write matching packets to the log, at this level."),
  comment: comment.optional().describe("A comment behind the rule."),
  enabled: z.boolean().default(true).describe("False keeps the rule in the file and out of force."),
});

export const firewall = z.strictObject({
  open: z
    .array(port)
    .default([80, 443])
    .describe("TCP ports that are open to everybody, behind the rules below."),
  ping: z.boolean().default(true).describe("Answer to ping."),
  rules: z.array(rule).default([]).describe("Further rules, in their order, before those above."),
  aliases: z.record(filterName, formed(formAlias)).default({}).meta({
    description: "Names for addresses and networks. Case does not matter.",
    "x-key": "NAME",
  }),
  ipsets: z
    .record(filterName, z.array(formed(formEntry)))
    .default({})
    .meta({
      description:
        "Named sets of addresses, networks and aliases, for `+NAME`; `!` before an exception. Case does not matter.",
      "x-key": "NAME",
    }),
  policyIn: policy.default("DROP").describe("What happens to all else that comes in."),
  policyOut: policy.default("ACCEPT").describe("What happens to all else that goes out."),
  logIn: level.default("nolog").describe("Log what `policyIn` decides, at this level."),
  logOut: level.default("nolog").describe("Log what `policyOut` decides, at this level."),
  macfilter: z.boolean().default(true).describe("Drop frames with another MAC address (`veth`)."),
  ipfilter: z.boolean().default(false).describe("Drop packets with another address (`veth`)."),
});
