/**
 * The shape of one site as a person writes it, with every default. Each key carries its own sentence,
 * from which docs/configuration.md and the editor's schema are made: `x-default` tells where a key
 * without default gets its value, `x-key` what a person chooses as the key of a map.
 */
import { z } from "zod";

import { app } from "./app";
import { appliance } from "./appliance";
import { forward } from "./forward";
import { guest } from "./guest";
import { invalid } from "./messages";
import { network } from "./network";
import { node } from "./node";
import { obsoleteNat } from "./obsolete-nat";
import { label, vmid, volumeId } from "./scalars";

/** The half of a site that the rules look at: what is connected to what. */
export const topologySchema = z.strictObject({
  network: network.prefault({}),
  appliance: appliance.prefault({}),
  apps: z.record(z.string(), app).default({}).meta({
    description:
      "The apps, by name. A DNS label; not `api`, `gateway`, `ignore`, `infinite`, `12h`.",
    "x-key": "NAME",
  }),
  guests: z.record(z.string(), guest).default({}).meta({
    description: "Containers that are no apps of the proxy, by name. A DNS label.",
    "x-key": "NAME",
  }),
  obsoleteNat,
  forwards: z.record(label, forward).default({}).meta({
    description: "Ports of the appliance's WAN address that lead to apps, by a name of yours.",
    "x-key": "FORWARD",
  }),
});

/** One site as written in `Pulumi.<stack>.yaml` under `site`; unknown keys are refused. */
export const siteSchema = z.strictObject({
  node,
  storage: z
    .string()
    .regex(
      /^[A-Za-z][\w.-]*$/,
      invalid("a storage name", "Write it as the Proxmox web page shows it, such as local-lvm."),
    )
    .default("local-lvm")
    .describe("Storage of the root disks."),
  template: volumeId.describe(
    "Volume id of a Debian 12 template, as `pveam list local` prints it.",
  ),
  ...topologySchema.shape,
  removed: z.record(label, vmid).default({}).meta({
    description:
      "Containers that an update may destroy with their data, by name, with their VMIDs: those of apps and guests that are not declared any more. Without its name here, or typed in `make up`, such a container stops the update.",
    "x-key": "NAME",
  }),
  firewall: z
    .strictObject({
      enableDatacenter: z
        .boolean()
        .default(false)
        .describe(
          "Switch the firewall of the datacenter on, without which no `.fw` file acts. It **closes the node too**, but for its LAN. Taken back when this goes, if it was this that set it.",
        ),
    })
    .prefault({}),
  onApplianceFailure: z
    .enum(["fail", "fallback"])
    .default("fail")
    .describe(
      "What becomes of new apps when the appliance cannot be built. `fail`: the update ends with the reason. `fallback`: they go to your LAN by the WAN bridge, **without isolation**, with a warning.",
    ),
  onApplianceRepair: z
    .enum(["stay", "return"])
    .default("stay")
    .describe(
      "What becomes of apps that fell back, once the appliance works. `stay`: nothing until you ask. `return`: they move to the private network; each restarts and keeps its disk.",
    ),
});
