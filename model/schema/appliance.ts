/** The gateway of the private network as a person writes it. */
import { z } from "zod";

import { invalid } from "./messages";
import { cidr, interfaceName, ipv4, label, mac, sizes, system, vmid } from "./scalars";

const addressError = invalid(
  "an address with its prefix",
  "Write dhcp, or one such as 192.168.1.20/24.",
);

const wan = z.strictObject({
  bridge: interfaceName.default("vmbr0").describe("The bridge of its WAN side, your LAN."),
  address: z
    .union([z.literal("dhcp"), cidr], addressError)
    .default("dhcp")
    .describe("`dhcp`, or a static address with its prefix, such as `192.168.1.20/24`."),
  gateway: ipv4
    .optional()
    .describe("Your LAN's router. Needed with a static address, refused with `dhcp`."),
  mac: mac.optional().meta({
    description:
      "MAC address of its WAN side. It stays when the appliance is recreated, and with it the address that your router gives it.",
    "x-default": "from the stack",
  }),
});

export const appliance = z.strictObject({
  vmid: vmid.default(100).describe("VMID of the appliance."),
  hostname: label.default("prox-appliance").describe("Its host name."),
  wan: wan.prefault({}),
  ...sizes(1, 512, 8),
  ...system,
  console: z
    .boolean()
    .default(true)
    .describe("Cockpit on port 9090 of the WAN side; `debian` only."),
  consoleUser: z
    .string()
    .regex(
      /^[a-z_][a-z0-9_-]{0,30}$/,
      invalid("a user name", "Use lower-case letters, digits, hyphen and underscore."),
    )
    .optional()
    .describe(
      "A user who may log in there and become root. The password is the secret `proximity-lan:consolePassword`.",
    ),
  https: z
    .boolean()
    .default(false)
    .describe(
      "Serve apps by HTTPS too, on port 443, with certificates of the appliance's own authority; its root certificate is at `/ca.crt`.",
    ),
});
