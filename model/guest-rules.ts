/** What must hold for the inputs of one container, as the provider gets them; policies adapt these. */
import { z } from "zod";

import type { Problem } from "./problem";

const inputs = z.object({
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
});

/** The inputs of a container that the rules look at. */
export type GuestInputs = Readonly<z.output<typeof inputs>>;

/** A predicate over one container; an empty list means it holds. */
export type GuestRule = (guest: GuestInputs) => readonly Problem[];

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

/** No API token may set more than nesting (facts/provider-calls.md 3.6). */
export const hasNestingOnly: GuestRule = ({ features = {} }) =>
  (["fuse", "keyctl", "mknod", "mounts"] as const)
    .filter((name) => !["", "false"].includes(String(features[name] ?? "")))
    .map((name) => ({
      path: `features.${name}`,
      message: "only root@pam may set this, so a token fails on it. Leave it out.",
    }));

/** Two default routes compete, and answers leave by the wrong one; DHCP brings one too. */
export const hasOneGateway: GuestRule = ({ initialization }) => {
  const routed = (initialization?.ipConfigs ?? []).flatMap(({ ipv4 }, index) =>
    ipv4 !== undefined && (ipv4.gateway !== undefined || ipv4.address === "dhcp")
      ? [`net${index}`]
      : [],
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
