/** One port of the WAN side that leads to an app, as a person writes it. */
import { z } from "zod";

import { invalid } from "./messages";
import { cidr, port } from "./scalars";

const portError = invalid("a port", "Write one as 2222, or a range as 5000-5010.");
const range = z.string().regex(/^\d{1,5}-\d{1,5}$/, portError);

export const forward = z.strictObject({
  protocol: z.enum(["tcp", "udp"]).default("tcp").describe("`tcp` or `udp`."),
  port: z
    .union([range, port], portError)
    .describe("Port on the appliance's WAN address, or a range such as `5000-5010`."),
  app: z.string().describe("The app it leads to, on the private network and with an `address`."),
  appPort: port.optional().meta({
    description: "The app's own port; not with a range.",
    "x-default": "the same",
  }),
  from: z
    .array(cidr)
    .default([])
    .describe(
      "Only these networks may use it, such as `192.168.1.0/24`. Empty: everyone, apps included.",
    ),
});
