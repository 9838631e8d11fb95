/** Every policy of the pack: each is one predicate of model/guards with its words. */
import {
  hasHostKey,
  hasNarrowEgress,
  hasNoSecretFiles,
  hasNoSecretWords,
} from "../model/guards/command";
import {
  hasFreeVmid,
  hasNestingOnly,
  hasOneGateway,
  isUnprivileged,
  parseVmidRanges,
} from "../model/guards/container";
import { hasClosedFirewall, isFiltered } from "../model/guards/filters";
import { keepsIsolation, sharesNothing } from "../model/guards/stack";
import { commands, containers, stack, type PackPolicy } from "./adapter";

/** The pack, in the order in which docs/policies.md tells of it. */
export const policies: readonly PackPolicy[] = [
  containers(
    {
      name: "unprivileged",
      description: "Containers are unprivileged.",
      severity: "critical",
      remedy: "Set `unprivileged: true` on the container.",
    },
    () => isUnprivileged,
  ),
  containers(
    {
      name: "nesting-only",
      description: "Containers have no feature but nesting.",
      severity: "high",
      remedy: "Take every other feature out; no API token may set it.",
    },
    () => hasNestingOnly,
  ),
  containers(
    {
      name: "one-gateway",
      description: "A guest has at most one default gateway.",
      severity: "high",
      remedy: "Leave a gateway on one interface only; DHCP brings one too.",
    },
    () => hasOneGateway,
  ),
  containers(
    {
      name: "free-vmid",
      description: "VMIDs are Proxmox's to give, and outside the ranges that a team keeps.",
      severity: "medium",
      remedy: "Choose a VMID of 100 or more outside the reserved ranges.",
      config: {
        properties: {
          reserved: {
            type: "array",
            items: { type: "string", pattern: "^\\d+-\\d+$" },
            default: [],
            description: "Ranges of VMIDs kept for others, such as `9000-9999`.",
          },
        },
      },
    },
    ({ reserved }) => hasFreeVmid(parseVmidRanges(reserved)),
  ),
  commands(
    {
      name: "host-key",
      description: "The node is known by its host key.",
      severity: "critical",
      remedy: "Give `node.ssh.hostKey`; docs/install.md, “The host key”, describes how to get it.",
    },
    hasHostKey,
  ),
  commands(
    {
      name: "no-secret-words",
      description: "No secret stands in a command, its environment or its triggers.",
      severity: "critical",
      remedy: "Send it on stdin, as a Pulumi secret.",
    },
    hasNoSecretWords,
  ),
  commands(
    {
      name: "no-secret-files",
      description: "No file holds a secret in the clear.",
      severity: "critical",
      remedy: "Keep it out of the declaration, or make it a Pulumi secret.",
    },
    hasNoSecretFiles,
  ),
  commands(
    {
      name: "narrow-egress",
      description:
        "`network.allow` leaves the LAN, the node and other guests out of the apps' reach.",
      severity: "critical",
      remedy: "List only the addresses that apps need.",
    },
    hasNarrowEgress,
  ),
  commands(
    {
      name: "closed-firewall",
      description:
        "A guest on the LAN lets in only what its rules name, whether the node or the guest filters.",
      severity: "high",
      remedy: "Use `policyIn: DROP` or `REJECT`, and a rule for each port.",
    },
    hasClosedFirewall,
  ),
  stack(
    {
      name: "nothing-shared",
      description: "No two containers share a VMID, host name, MAC or address.",
      severity: "high",
      remedy: "Change one of the two.",
    },
    ({ guests }) => sharesNothing(guests),
  ),
  stack(
    {
      name: "filtered",
      description:
        "Every interface on the LAN with an address of its own has a filter that acts on it.",
      severity: "high",
      remedy:
        "Set `firewall: true` on the interface, or leave the guest's `/etc/proximity/public.nft` as it is placed.",
    },
    ({ guests, commands: placed }) => isFiltered(guests, placed),
  ),
  stack(
    {
      name: "no-fallback",
      description: "In a stack tagged production=true, apps never move to the LAN by themselves.",
      severity: "critical",
      remedy: "Use `onApplianceFailure: fail`, or take the tag off the stack.",
    },
    ({ outputs, isProduction }) => (isProduction ? keepsIsolation(outputs) : []),
  ),
];
