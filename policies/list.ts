/** Every policy of the pack: each is one predicate of model/guards with its words. */
import {
  firewallFiles,
  hasClosedFirewall,
  hasHostKey,
  hasKnownNicTypes,
  hasNoSecretWords,
} from "../model/guards/command";
import {
  hasFreeVmid,
  hasLegalNames,
  hasNestingOnly,
  hasOneGateway,
  hasUnicastMacs,
  isUnprivileged,
  parseVmidRanges,
} from "../model/guards/container";
import { hasLegalSite } from "../model/guards/site";
import { isFiltered, keepsIsolation, sharesNothing } from "../model/guards/stack";
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
  containers(
    {
      name: "legal-names",
      description: "Host, interface and bridge names are such as Proxmox and the kernel take.",
      severity: "medium",
      remedy: "Use host names of 63 and interface names of 15 characters at most.",
    },
    () => hasLegalNames,
  ),
  containers(
    {
      name: "unicast-mac",
      description: "MAC addresses are unicast.",
      severity: "medium",
      remedy: "Write six pairs with an even second digit.",
    },
    () => hasUnicastMacs,
  ),
  commands(
    {
      name: "nic-type",
      description: "Interfaces have a type that Proxmox knows.",
      severity: "high",
      remedy: "Use veth or macvlan.",
    },
    hasKnownNicTypes,
  ),
  commands(
    {
      name: "host-key",
      description: "The node is known by its host key.",
      severity: "critical",
      remedy: "Give `node.ssh.hostKey`; the README's section “The host key” tells how.",
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
      name: "closed-firewall",
      description: "A guest with a firewall file lets in only what is named.",
      severity: "high",
      remedy: "Use `policy_in: DROP`, and a rule for each port.",
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
      name: "addresses",
      description:
        "Gateway, pool and reservations lie in the private network and apart from each other.",
      severity: "high",
      remedy: "Move the one that is named.",
    },
    ({ outputs }) => hasLegalSite(outputs),
  ),
  stack(
    {
      name: "filtered",
      description: "Interfaces that firewall rules name are filtered.",
      severity: "high",
      remedy: "Set `firewall: true` on the interface.",
    },
    ({ guests, commands: placed }) => isFiltered(guests, placed.flatMap(firewallFiles)),
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
