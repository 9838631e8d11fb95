/** Arguments that every container of this program shares. */
import type { ContainerLegacy, ContainerLegacyArgs } from "@muhlba91/pulumi-proxmoxve";
import * as pulumi from "@pulumi/pulumi";

import type { Family } from "../model/family";
import type { Node } from "./node";

/** What differs between containers; sizes in MiB and GiB. */
export interface ContainerSpec {
  readonly vmid: number;
  readonly family: Family;
  /** Volume id of its own template; the node's when left out. */
  readonly template?: string | undefined;
  readonly hostname: string;
  readonly description: string;
  readonly cores: number;
  readonly memory: number;
  readonly swap: number;
  readonly disk: number;
  /** Place in the node's boot order; without one, after all that have one. */
  readonly order?: number;
  /** What it is connected to; known late where it depends on the appliance. */
  readonly attachment: pulumi.Input<Attachment>;
}

/** What can change when a container moves from one bridge to another. */
export interface Attachment {
  readonly nics: readonly Nic[];
  /** Without it, whatever DHCP or the node says. */
  readonly dns?: { readonly domain: string; readonly servers: readonly string[] };
  /** Beside the stack's own. */
  readonly tags: readonly string[];
}

/** One interface; `address` is `dhcp` or an address with prefix. */
export interface Nic {
  readonly name: string;
  readonly bridge: string;
  readonly mac?: string;
  readonly mtu?: number;
  readonly address: string;
  readonly gateway?: string;
  /** Whether Proxmox's firewall, where it is on, filters it. */
  readonly firewall?: boolean;
}

/**
 * How every container is replaced: first gone, then made, since its VMID is fixed. A new template is
 * for new containers; it is no reason to throw an old one away. The description tells when a container
 * was made, and so stays what it was then.
 */
export const containerOptions: pulumi.CustomResourceOptions = {
  deleteBeforeReplace: true,
  ignoreChanges: ["operatingSystem", "description"],
};

/**
 * Unprivileged with nesting and nothing else: no token may set more (docs/proxmox/provider-calls.md 3.6).
 * The network waits are ours (scripts/guest/lib.sh), because the provider's end at any address.
 */
export function containerArgs(node: Node, spec: ContainerSpec): ContainerLegacyArgs {
  const { hostname, order } = spec;
  const attachment = pulumi.output(spec.attachment);
  return {
    nodeName: node.name,
    vmId: spec.vmid,
    description: `${spec.description} Made at ${new Date().toISOString()}.`,
    tags: attachment.apply(({ tags }) => [node.tag, ...tags].sort()),
    unprivileged: true,
    features: { nesting: true },
    started: true,
    startOnBoot: true,
    ...(order === undefined ? {} : { startup: { order } }),
    operatingSystem: { templateFileId: spec.template ?? node.template, type: spec.family },
    cpu: { cores: spec.cores },
    memory: { dedicated: spec.memory, swap: spec.swap },
    disk: { datastoreId: node.storage, size: spec.disk },
    initialization: attachment.apply(({ nics, dns }) => ({
      hostname,
      ...(dns === undefined ? {} : { dns: { domain: dns.domain, servers: [...dns.servers] } }),
      ipConfigs: nics.map(({ address, gateway }) => ({
        ipv4: { address, ...(gateway === undefined ? {} : { gateway }) },
      })),
    })),
    networkInterfaces: attachment.apply(({ nics }) =>
      nics.map(({ name, bridge, mac, mtu, firewall }) => ({
        name,
        bridge,
        ...(mac === undefined ? {} : { macAddress: mac }),
        ...(mtu === undefined ? {} : { mtu }),
        ...(firewall === undefined ? {} : { firewall }),
      })),
    ),
    timeoutDelete: 120,
  };
}

/**
 * What differs between a container and the next one under the same VMID: their ids are equal, and one
 * that vanished from the node is simply made again.
 */
export function incarnationOf(container: ContainerLegacy): pulumi.Output<string> {
  return container.description.apply((text) => text?.trim() ?? "");
}
