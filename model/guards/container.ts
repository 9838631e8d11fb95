/** What must hold for one container as the provider gets it; policies adapt these. */
import { z } from "zod";

import type { Problem } from "../problem";

const nic = z
  .object({
    macAddress: z.string().optional(),
    firewall: z.boolean().optional(),
  })
  // The provider's blank for an interface that is not set.
  .nullable()
  .transform((value) => value ?? {});

const inputs = z.object({
  vmId: z.number().optional(),
  unprivileged: z.boolean().optional(),
  features: z
    .object({
      fuse: z.boolean().optional(),
      keyctl: z.boolean().optional(),
      mknod: z.boolean().optional(),
      mounts: z.array(z.string()).optional(),
    })
    .optional(),
  initialization: z
    .object({
      hostname: z.string().optional(),
      ipConfigs: z
        .array(
          z.object({
            ipv4: z
              .object({ address: z.string().optional(), gateway: z.string().optional() })
              .optional(),
          }),
        )
        .optional(),
    })
    .optional(),
  networkInterfaces: z.array(nic).optional(),
});

/** The inputs of a container that the rules look at. */
export type GuestInputs = Readonly<z.output<typeof inputs>>;

/** A predicate over one container; an empty list means it holds. */
export type GuestRule = (guest: GuestInputs) => readonly Problem[];

/** VMIDs from `first` to `last`, both included. */
export interface VmidRange {
  readonly first: number;
  readonly last: number;
}

/** Ranges as a policy's configuration writes them, `9000-9999`; anything else throws. */
export function parseVmidRanges(value: unknown): readonly VmidRange[] {
  return z
    .array(z.string().regex(/^\d+-\d+$/))
    .default([])
    .parse(value)
    .map((text) => text.split("-").map(Number))
    .map(([first = 0, last = 0]) => ({ first, last }));
}

/** Reads a container's inputs; throws when they have another shape than the provider's. */
export function parseGuestInputs(value: unknown): GuestInputs {
  return inputs.parse(value);
}

/** Root in a privileged container is root on the node. */
export const isUnprivileged: GuestRule = ({ unprivileged }) =>
  unprivileged === true
    ? []
    : [
        {
          path: "unprivileged",
          message: "the container is privileged, so its root is root on the node. Set it to true.",
        },
      ];

/** No API token may set more than nesting (docs/proxmox/provider-calls.md 3.6). */
export const hasNestingOnly: GuestRule = ({ features }) =>
  (["fuse", "keyctl", "mknod", "mounts"] as const)
    .filter((name) => !["", "false"].includes(String(features?.[name] ?? "")))
    .map((name) => ({
      path: `features.${name}`,
      message: "only root@pam may set this, so a token fails on it. Leave it out.",
    }));

/** Two default routes compete, and answers leave by the wrong one; DHCP brings one too. */
export const hasOneGateway: GuestRule = ({ initialization }) => {
  const routed = (initialization?.ipConfigs ?? []).flatMap(({ ipv4 }, index) =>
    ipv4 && (ipv4.gateway !== undefined || ipv4.address === "dhcp") ? [`net${index}`] : [],
  );
  return routed.length < 2
    ? []
    : [
        {
          path: "initialization.ipConfigs",
          message: `${routed.join(" and ")} each bring a default gateway, and two compete. Keep one.`,
        },
      ];
};

/** Proxmox keeps numbers below 100; a team may keep ranges for others (docs/proxmox/provider-calls.md 3.1). */
export const hasFreeVmid =
  (reserved: readonly VmidRange[]): GuestRule =>
  ({ vmId }) => {
    const path = "vmId";
    if (vmId === undefined)
      return [{ path, message: "is left to chance, so it may change. Give a VMID." }];
    const range = reserved.find(({ first, last }) => first <= vmId && vmId <= last);
    if (vmId < 100) return [{ path, message: `${vmId} is Proxmox's own. Choose 100 or more.` }];
    return range === undefined
      ? []
      : [
          {
            path,
            message: `${vmId} lies in the reserved range ${range.first}-${range.last}. Choose another VMID.`,
          },
        ];
  };
