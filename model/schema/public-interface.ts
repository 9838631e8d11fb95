/** A guest's interface with an address of its own on the LAN, as a person writes it. */
import { z } from "zod";

import { firewall } from "./firewall";
import { cidr, ipv4, mac } from "./scalars";

export const publicInterface = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe(
      "False takes the interface away and keeps the entry. Run an update with that before you remove the entry of an app.",
    ),
  type: z
    .enum(["macvlan", "veth", "ipvlan"])
    .default("macvlan")
    .describe(
      "`macvlan`: its own port over the bridge, filtered inside the guest; the node itself cannot reach it. `veth`: an ordinary `net1`, filtered by the node. `ipvlan`: as `macvlan`, with the MAC address of the bridge (`macAddress` and `mode` have no effect), for networks that accept one MAC address for each port; only if the node's kernel has it.",
    ),
  mode: z
    .enum(["bridge", "private", "vepa", "passthru"])
    .default("bridge")
    .describe("How `macvlan` ports of one bridge reach each other."),
  ip: cidr.describe("The address with its prefix, in the network of the bridge."),
  gw: ipv4.optional().describe("Router of the LAN. It becomes the guest's only default route."),
  macAddress: mac.optional().meta({
    description: "MAC address of the interface.",
    "x-default": "from stack and name",
  }),
  hostShim: z
    .boolean()
    .default(false)
    .describe("Give the node a macvlan port of its own, by which it reaches this guest."),
  firewall: firewall.prefault({}),
});
