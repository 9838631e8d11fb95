/** The one way in which this program declares a container. */
import { ContainerLegacy, type ContainerLegacyArgs } from "@muhlba91/pulumi-proxmoxve";
import * as pulumi from "@pulumi/pulumi";

import { keepsLargerDisk } from "../model/drift";
import type { Family } from "../model/family";
import { describeContainer, generationIn, nameIn } from "../model/identity";
import { checkApplied } from "./applied";
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
  /** Whether the engine refuses to delete or replace it. */
  readonly protect?: boolean;
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

/** A declared container, and what its guest scripts need to know of it. */
export interface DeclaredContainer {
  readonly resource: ContainerLegacy;
  /**
   * What differs between this container and the next one under the same VMID: their ids are equal, and
   * one that vanished from the node is simply created again.
   */
  readonly incarnation: pulumi.Output<string>;
  /**
   * Arguments with which guest.sh checks, before the engine deletes or replaces the container, that the
   * guest under its VMID is still this one. A deletion knows only the VMID (docs/adr/0004).
   */
  readonly identity: pulumi.Output<readonly string[]>;
}

/**
 * Inputs that are for creation alone. A new template and another storage are for new containers, since a
 * change of them would replace the container. The description says when a container was created, and
 * people write notes into it.
 */
const creationOnly = ["operatingSystem", "description", "disk.datastoreId"];

/**
 * What root may add by hand, and this program never declares: it stays, whatever else changes. Without
 * this a mount point would replace the container with its disk, and most of the others would be taken
 * away, which no token may do. `features` holds `nesting`, which a token can only set at creation.
 */
const foreign = [
  "mountPoints",
  "devicePassthroughs",
  "features",
  "hookScriptFileId",
  "protection",
  "console",
  "environmentVariables",
  "poolId",
  "unprivileged",
  "cpu.architecture",
  "cpu.limit",
  "cpu.units",
];

/** The types of the components that a container may belong to. */
export const componentTypes = {
  app: "proximity-lan:components:AppContainer",
  guest: "proximity-lan:components:Guest",
  appliance: "proximity-lan:components:Appliance",
} as const;

/**
 * What a component was in the state before: under another name, or an entry of the other list. Without
 * this, the engine would create the container again under its VMID, and then delete it as the old one.
 */
export function aliasesOf(
  node: Node,
  { vmid, name, kind }: { vmid: number; name: string; kind: keyof typeof componentTypes },
): pulumi.Alias[] {
  const former = node.formerNames.get(vmid);
  const kinds = kind === "appliance" ? [kind] : (["app", "guest"] as const);
  return kinds
    .flatMap((one) =>
      [name, ...(former === undefined ? [] : [former])].map((old) => ({ kind: one, old })),
    )
    .filter((one) => one.kind !== kind || one.old !== name)
    .map((one) => ({ name: one.old, type: componentTypes[one.kind] }));
}

/** Declares a container; deleted before it is replaced, since its VMID is fixed. */
export function declareContainer(
  name: string,
  { node, spec }: { readonly node: Node; readonly spec: ContainerSpec },
  opts: pulumi.CustomResourceOptions,
): DeclaredContainer {
  const resource = new ContainerLegacy(name, containerArgs(node, spec), {
    ...opts,
    deleteBeforeReplace: true,
    protect: spec.protect ?? false,
    ignoreChanges: [
      ...creationOnly,
      ...foreign,
      ...(spec.order === undefined ? ["startup"] : []),
      ...(keepsLargerDisk(node.look, spec) ? ["disk.size"] : []),
    ],
  });
  return {
    resource,
    incarnation: checkApplied(resource, node, spec).apply(generationIn),
    identity: pulumi
      .all([resource.vmId, resource.description])
      // An adopted container has no line yet. Its set-up adds one, with the host name.
      .apply(([vmid, text]) => [
        String(vmid),
        node.tag,
        nameIn(text ?? "", node.tag) || spec.hostname,
      ]),
  };
}

/**
 * Unprivileged with nesting and nothing else: no token may set more (docs/proxmox/provider-calls.md 3.6).
 * The network waits are ours (scripts/guest/lib.sh), because the provider's end at any address.
 */
function containerArgs(node: Node, spec: ContainerSpec): ContainerLegacyArgs {
  const { hostname, order, vmid } = spec;
  const attachment = pulumi.output(spec.attachment);
  return {
    nodeName: node.name,
    vmId: vmid,
    description: describeContainer(spec.description, {
      ...{ tag: node.tag, vmid, name: hostname },
      created: new Date(),
    }),
    tags: attachment.apply(({ tags }) =>
      [...new Set([node.tag, ...tags, ...(node.foreignTags.get(vmid) ?? [])])].sort(),
    ),
    unprivileged: true,
    features: { nesting: true },
    started: true,
    startOnBoot: true,
    ...(order === undefined ? {} : { startup: { order } }),
    operatingSystem: { templateFileId: spec.template ?? node.template, type: spec.family },
    cpu: { cores: spec.cores },
    memory: { dedicated: spec.memory, swap: spec.swap },
    // Without these two, growing the disk would write acl=0 and replicate=0, which drops it out of the
    // storage replication and out of POSIX ACLs at the next start.
    disk: { datastoreId: node.storage, size: spec.disk, acl: true, replicate: true },
    initialization: attachment.apply(({ nics, dns }) => ({
      hostname,
      ...(dns === undefined ? {} : { dns: { domain: dns.domain, servers: [...dns.servers] } }),
      ipConfigs: nics.map(({ address, gateway }) => ({
        ipv4: { address, ...(gateway === undefined ? {} : { gateway }) },
      })),
    })),
    networkInterfaces: attachment.apply(({ nics }) =>
      nics.map(({ name, bridge, mac, mtu, firewall }, index) => ({
        name,
        bridge,
        ...rateOf(node, vmid, index),
        ...(mac === undefined ? {} : { macAddress: mac }),
        ...(mtu === undefined ? {} : { mtu }),
        ...(firewall === undefined ? {} : { firewall }),
      })),
    ),
    timeoutDelete: 120,
  };
}

/** A rate limit that somebody set, in MB/s; ignoring its changes would take an element of a list by its place. */
function rateOf({ look }: Node, vmid: number, index: number): { readonly rateLimit?: number } {
  const settings = look.get(String(vmid))?.settings;
  const [, rate] = /\brate=([\d.]+)/.exec(settings?.get(`net${index}`) ?? "") ?? [];
  return rate === undefined ? {} : { rateLimit: Number(rate) };
}
