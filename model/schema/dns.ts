/** Names that the appliance answers beside those of the apps, as a person writes them. */
import { z } from "zod";

import { invalid } from "./messages";
import { domain, ipv4 } from "./scalars";

export const dns = z.strictObject({
  records: z
    .record(
      domain,
      z.union(
        [ipv4, z.array(ipv4).min(1)],
        invalid("an IPv4 address", "Write one as 10.20.0.1, or a list of them."),
      ),
    )
    .default({})
    .meta({
      description:
        "Addresses of further names, one or a list. A bare name stands in the network's domain; any other is answered so inside the network, whatever the world says of it.",
      "x-key": "HOST",
    }),
  wildcards: z.record(domain, ipv4).default({}).meta({
    description: "One address for a domain and every name below it, inside the network.",
    "x-key": "DOMAIN",
  }),
  checkedAt: z.array(ipv4).optional().meta({
    description:
      "Other resolvers of your LAN that should give the addresses of `wildcards` too; `make doctor` reports what they answer.",
    "x-default": "`network.upstreamDns`",
  }),
  forwards: z.record(domain, z.array(ipv4).min(1)).default({}).meta({
    description:
      "Resolvers for a domain and every name below it, in place of `network.upstreamDns`. Their answers may hold private addresses.",
    "x-key": "DOMAIN",
  }),
  rebindDomainOk: z
    .array(domain)
    .default([])
    .describe(
      "Domains of which `network.upstreamDns` may give private addresses. Anyone else's are withheld, because a page on the internet could use them to reach into the network (DNS rebinding).",
    ),
});
