/** One app as a person writes it. */
import { z } from "zod";

import { invalid } from "./messages";
import { proxy } from "./proxy";
import { publicInterface } from "./public-interface";
import { absolutePath, ipv4, mac, port, sizes, system, vmid } from "./scalars";

const file = z.strictObject({
  content: z
    .string()
    .default("")
    .describe(
      "The file's text. It is stored in the clear in the state: no secrets. Either this or `source`.",
    ),
  source: z
    .string()
    .optional()
    .describe(
      "Instead of `content`: a file that holds the text, by its path from the project's folder. For long texts: Pulumi takes 128 KiB of configuration, in which a source does not count.",
    ),
  mode: z
    .string()
    .regex(/^0?[0-7]{3}$/, invalid("a file mode", 'Write it as "0644", in quotes.'))
    .default("0644")
    .describe("Its mode, in quotes."),
});

export const app = z.strictObject({
  vmid: vmid.describe("VMID of the app's container."),
  network: z
    .enum(["platinum", "direct"])
    .default("platinum")
    .describe(
      "`platinum`: on the private network, behind the appliance. `direct`: on your LAN, by the WAN bridge, without isolation and proxy. Changing the word moves the app; it restarts and keeps its disk. While direct, `address` is not used.",
    ),
  port: port.default(80).describe("TCP port on which the app answers HTTP."),
  address: ipv4.optional().meta({
    description:
      "A reserved address, inside or outside the DHCP range. Without it, the app gets one from the range.",
  }),
  mac: mac.optional().meta({
    description: "MAC address of its interface.",
    "x-default": "from stack and app name",
  }),
  ...sizes(1, 512, 4),
  ...system,
  protect: z
    .boolean()
    .default(false)
    .describe(
      "Refuse everything that would destroy or replace its container, `destroy` included, until this is false again and an update has applied that.",
    ),
  packages: z
    .array(
      z
        .string()
        .regex(
          /^[a-z0-9][a-z0-9+.-]+$/,
          invalid(
            "a package name",
            "Use lower-case letters, digits and + . -, such as nginx-light.",
          ),
        ),
    )
    .default([])
    .describe("Packages to install, by the names of its family."),
  files: z
    .record(absolutePath, file)
    .default({})
    .meta({ description: "Whole files, by absolute path.", "x-key": "PATH" }),
  services: z
    .array(
      z
        .string()
        .regex(
          /^[A-Za-z0-9][\w.@-]*$/,
          invalid("a service name", "Use letters, digits and _ . @ -, such as nginx."),
        ),
    )
    .default([])
    .describe("Services to enable and start, and to restart when one of the files changed."),
  proxy: proxy.prefault({}),
  publicInterface: publicInterface
    .optional()
    .describe("An address of its own on the LAN, beside the one on the private network."),
});
