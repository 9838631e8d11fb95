/**
 * The two files of a Phoenix hypervisor, `phoenix_hypervisor_config.json` and `phoenix_lxc_configs.json`,
 * as a declaration of this program. What has no place here is named with the reason, without its value:
 * such files hold passwords.
 */
import { z } from "zod";

import { toLabel } from "../../model/net";
import { invalid } from "../../model/schema/messages";
import { reasonFor, templateReason } from "./reasons";

const hypervisorShape = z.looseObject({
  domain_name: z.string().optional(),
  network: z.looseObject({ public_bridge: z.string().optional() }).default({}),
  dns_server: z.looseObject({ upstream_servers: z.array(z.string()).optional() }).optional(),
});

const containerShape = z.looseObject({
  name: z.string(),
  memory_mb: z.number().optional(),
  cores: z.number().optional(),
  storage_size_gb: z.number().optional(),
  storage_pool: z.string().optional(),
  network_config: z
    .looseObject({
      bridge: z.string().optional(),
      ip: z.string().optional(),
      gw: z.string().optional(),
    })
    .optional(),
  mac_address: z.string().optional(),
  public_interface: z.looseObject({ enabled: z.boolean().optional() }).optional(),
});

/** Containers by their VMID. */
const containersShape = z.record(
  z.string().regex(/^\d+$/, invalid("a VMID", "The keys of lxc_configs are VMIDs.")),
  containerShape,
);

/** The file's own frame around them; the plan shows them without it. */
const frameShape = z.looseObject({ lxc_configs: z.unknown() });

function containersOf(lxc: unknown) {
  const frame = frameShape.safeParse(lxc);
  const inner = frame.success ? (frame.data.lxc_configs ?? lxc) : lxc;
  return Object.entries(containersShape.parse(inner));
}

type Container = z.output<typeof containerShape>;

/** What could be carried over, and what could not: `path: reason`. */
export interface Imported {
  /** Parts of a site, in the words of its schema; node and template are still missing. */
  readonly site: Readonly<Record<string, unknown>>;
  readonly notes: readonly string[];
}

/** Translates both files; throws where one of them has another shape. */
export function importPhoenix(hypervisor: unknown, lxc: unknown): Imported {
  const host = hypervisorShape.parse(hypervisor);
  const all = containersOf(lxc);
  const isTemplate = ([, container]: (typeof all)[number]) => "template_snapshot_name" in container;
  const containers = all.filter((entry) => !isTemplate(entry));
  const { storage, notes } = storageOf(containers);
  return {
    site: {
      ...networkOf(host),
      ...storage,
      guests: Object.fromEntries(
        containers.map(([vmid, one]) => [toLabel(one.name), guestOf(vmid, one)]),
      ),
      ...obsoleteOf(containers),
    },
    notes: [
      ...hostNotes(host),
      ...all
        .filter(isTemplate)
        .map(([vmid, { name }]) => `${vmid} (${name}): ${templateReason}; left out.`),
      ...notes,
      ...containers.flatMap(([vmid, one]) => containerNotes(vmid, one)),
    ],
  };
}

function networkOf({ domain_name: domain, network, dns_server: dns }: HostShape) {
  return part("network", {
    publicBridge: network.public_bridge,
    domain,
    upstreamDns: dns?.upstream_servers,
  });
}

/** A part of the site with what is known of it; nothing where nothing is. */
function part(name: string, values: Readonly<Record<string, unknown>>) {
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  return known.length === 0 ? {} : { [name]: Object.fromEntries(known) };
}

type HostShape = z.output<typeof hypervisorShape>;

function guestOf(vmid: string, one: Container) {
  const { network_config: inner, mac_address: mac, public_interface: nic } = one;
  const gateway = inner?.ip === "dhcp" ? undefined : inner?.gw;
  return {
    vmid: Number(vmid),
    ...part("internal", { bridge: inner?.bridge, address: inner?.ip, gateway, mac }),
    ...(nic === undefined ? {} : { public_interface: nic }),
    ...(one.cores === undefined ? {} : { cores: one.cores }),
    ...(one.memory_mb === undefined ? {} : { memory: one.memory_mb }),
    ...(one.storage_size_gb === undefined ? {} : { disk: one.storage_size_gb }),
  };
}

/** Old rules of the node led to the inner address of whoever has one of its own on the LAN now. */
function obsoleteOf(containers: readonly (readonly [string, Container])[]) {
  const names = containers.flatMap(([, { name, network_config: inner, public_interface: nic }]) =>
    nic?.enabled === true && inner?.ip !== undefined && inner.ip !== "dhcp" ? [toLabel(name)] : [],
  );
  return names.length === 0 ? {} : { obsoleteNat: names };
}

/** One storage serves a whole site. */
function storageOf(containers: readonly (readonly [string, Container])[]) {
  const pools = [
    ...new Set(containers.flatMap(([, { storage_pool: pool }]) => (pool ? [pool] : []))),
  ];
  const [storage, ...others] = pools;
  if (storage === undefined) return { storage: {}, notes: [] };
  return others.length === 0
    ? { storage: { storage }, notes: [] }
    : { storage: {}, notes: [`storage_pool: ${pools.join(", ")}; a site has one. Set storage.`] };
}

const hostKeys: readonly string[] = ["domain_name", "network", "dns_server"];

function hostNotes(host: HostShape): readonly string[] {
  const rest = Object.keys(host).filter((key) => !hostKeys.includes(key));
  const network = Object.keys(host.network).filter((key) => key !== "public_bridge");
  const all = [...network.map((key) => `network.${key}`), ...rest];
  return [
    ...(host.network.public_bridge === undefined
      ? ["network.public_bridge: is not there, so it is vmbr0."]
      : []),
    ...(all.length === 0 ? [] : [`${all.join(", ")}: ${reasonFor("")}`]),
  ];
}

const containerKeys: readonly string[] = Object.keys(containerShape.shape);

function containerNotes(vmid: string, one: Container): readonly string[] {
  const label = toLabel(one.name);
  return [
    ...(label === one.name ? [] : [`${vmid}.name: ${one.name} becomes the host name ${label}.`]),
    ...Object.entries(one).flatMap(([key, value]) =>
      containerKeys.includes(key) || saysNothing(key, value)
        ? []
        : [`${vmid}.${key}: ${reasonFor(key)}`],
    ),
  ];
}

/** Values that ask for nothing, or for what is so anyway. */
function saysNothing(key: string, value: unknown): boolean {
  const isSo = (key === "unprivileged" || key === "start_at_boot") && value === true;
  return isSo || value === "none" || (Array.isArray(value) && value.length === 0);
}
