/** A container that is no app of the proxy, as a person writes it. */
import { z } from "zod";

import { app } from "./app";
import { invalid } from "./messages";
import { publicInterface } from "./public-interface";
import { absolutePath, cidr, interfaceName, ipv4, mac, port, sizes, vmid } from "./scalars";

const addressError = invalid(
  "an address with its prefix",
  "Write dhcp, or one such as 10.20.0.5/24.",
);

const internal = z.strictObject({
  bridge: interfaceName
    .optional()
    .meta({ description: "Its bridge.", "x-default": "the private network's" }),
  address: z
    .union([z.literal("dhcp"), cidr], addressError)
    .default("dhcp")
    .describe("`dhcp`, or an address with its prefix."),
  gateway: ipv4
    .optional()
    .describe(
      "Router on that side. The default route when the guest has no public one; else only replies to what came in there take it.",
    ),
  mac: mac.optional().meta({
    description: "MAC address of that interface.",
    "x-default": "from stack and name",
  }),
});

const nginx = z.strictObject({
  files: z
    .array(absolutePath)
    .min(1)
    .default(["/etc/nginx/sites-available/gateway"])
    .describe(
      "Files in which nginx is opened to all interfaces: `listen ADDRESS:PORT` becomes `listen PORT`.",
    ),
  ports: z.array(port).min(1).default([443]).describe("The ports in question."),
});

export const guest = z.strictObject({
  vmid: vmid.describe("VMID of the container."),
  internal: internal.prefault({}),
  nameservers: z
    .array(ipv4)
    .default([])
    .describe("Resolvers; without any, the appliance on its own network, else the node's."),
  publicInterface: publicInterface.optional(),
  nginx: nginx.optional(),
  ...sizes(1, 512, 4),
  protect: app.shape.protect,
  packages: app.shape.packages,
  files: app.shape.files,
  services: app.shape.services,
});
