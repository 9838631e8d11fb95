import { isIPv4 } from "node:net";

import { BackendError } from "../backend/backend";
import { ParameterError } from "../server/parameter-error";
import { splitList, type Params } from "../server/params";
import type { Family, InterfacesFile, Stanza } from "./interfaces-file";

/** One interface as the network API shows it; `mtu` is a text and `priority` a number there. */
export type InterfaceRecord = Readonly<Record<string, string | number | readonly string[]>>;

/** Options of a bridge that the API names with underscores. */
const BRIDGE_OPTIONS = [
  ["bridge-ports", "bridge_ports"],
  ["bridge-stp", "bridge_stp"],
  ["bridge-fd", "bridge_fd"],
  ["bridge-vids", "bridge_vids"],
] as const;

const MANAGED = new Set([
  "address",
  "netmask",
  "gateway",
  "mtu",
  "bridge-vlan-aware",
  ...BRIDGE_OPTIONS.map(([option]) => option),
]);

const option = (stanza: Stanza | undefined, key: string): string | undefined =>
  stanza?.options.find(([name]) => name.replaceAll("_", "-") === key)?.[1];

function typeOf(stanzas: readonly Stanza[], iface: string): string {
  const has = (key: string): boolean => stanzas.some((stanza) => option(stanza, key) !== undefined);
  if (iface === "lo") return "loopback";
  // The ports make a bridge, not its name.
  if (has("bridge-ports")) return "bridge";
  if (has("bond-slaves")) return "bond";
  if (has("vlan-raw-device") || /\.\d+$/.test(iface)) return "vlan";
  return /^(?:eth\d+|en\w+|nic\d+)$/.test(iface) ? "eth" : "unknown";
}

function addressFields(stanza: Stanza | undefined, suffix: "" | "6"): [string, string][] {
  const address = option(stanza, "address");
  const gateway = option(stanza, "gateway");
  const fields: [string, string][] = [];
  fields.push([`method${suffix}`, stanza?.method ?? "manual"]);
  if (address !== undefined) {
    const [host = "", prefix = option(stanza, "netmask") ?? ""] = address.split("/");
    fields.push(
      [`address${suffix}`, host],
      [`netmask${suffix}`, prefix],
      [`cidr${suffix}`, `${host}/${prefix}`],
    );
  }
  if (gateway !== undefined) fields.push([`gateway${suffix}`, gateway]);
  return fields;
}

type Fields = Record<string, string | number | readonly string[]>;

/** Fields of one stanza that are not about its address. */
function optionFields(stanza: Stanza): Fields {
  const fields: Fields = {};
  for (const [name, field] of BRIDGE_OPTIONS) {
    const value = option(stanza, name);
    if (value !== undefined) fields[field] = value === "none" ? "" : value;
  }
  const mtu = option(stanza, "mtu");
  if (mtu !== undefined) fields["mtu"] = mtu;
  if (option(stanza, "bridge-vlan-aware") === "yes") fields["bridge_vlan_aware"] = 1;
  const comments = stanza.family === "inet" ? "comments" : "comments6";
  if (stanza.comments.length > 0) fields[comments] = `${stanza.comments.join("\n")}\n`;
  return fields;
}

/** Records of a file, loopback left out as the API does; `live` names the interfaces that are up. */
export function interfaceRecords(
  file: InterfacesFile,
  live: ReadonlySet<string>,
): ReadonlyMap<string, InterfaceRecord> {
  const records = new Map<string, InterfaceRecord>();
  const names = [...new Set([...file.stanzas.map(({ iface }) => iface), ...file.auto])];
  for (const [at, iface] of names.entries()) {
    const stanzas = file.stanzas.filter((stanza) => stanza.iface === iface);
    const of = (family: Family): Stanza | undefined =>
      stanzas.find((stanza) => stanza.family === family);
    const type = typeOf(stanzas, iface);
    if (type === "loopback") continue;
    records.set(iface, {
      iface,
      type,
      families: stanzas.map(({ family }) => family),
      priority: at + 2,
      ...Object.fromEntries([...addressFields(of("inet"), ""), ...addressFields(of("inet6"), "6")]),
      ...Object.fromEntries(stanzas.flatMap((stanza) => Object.entries(optionFields(stanza)))),
      ...(file.auto.includes(iface) ? { autostart: 1 } : {}),
      ...(live.has(iface) ? { active: 1 } : {}),
      // The kernel's list of physical devices, in which no bridge is.
      ...(live.has(iface) && type === "eth" ? { exists: 1 } : {}),
    });
  }
  return records;
}

function refuseSecondGateway(file: InterfacesFile, iface: string, family: Family): void {
  const other = file.stanzas.find(
    (stanza) =>
      stanza.iface !== iface && stanza.family === family && option(stanza, "gateway") !== undefined,
  );
  if (other === undefined) return;
  const [key, name] =
    family === "inet" ? ["gateway", "Default gateway"] : ["gateway6", "Default ipv6 gateway"];
  throw new ParameterError({ [key]: `${name} already exists on interface '${other.iface}'.` });
}

function refuseTakenPort(file: InterfacesFile, iface: string, ports: readonly string[]): void {
  for (const stanza of file.stanzas) {
    if (stanza.iface === iface) continue;
    const taken = option(stanza, "bridge-ports")?.split(/\s+/) ?? [];
    const clash = ports.find((port) => taken.includes(port));
    if (clash !== undefined) {
      throw new ParameterError({
        bridge_ports: `port '${clash}' is already used on interface '${stanza.iface}'`,
      });
    }
  }
}

/** `#` lines of a comment; each of its lines becomes one, so no text can become an option. */
const commentLines = (text: string | undefined): string[] =>
  text === undefined || text.trim() === "" ? [] : text.trimEnd().split(/\r?\n/);

/** The value sent, else the old one unless `delete` names it. */
type Field = (name: string) => string | undefined;

/** A list on one line: newlines separate a list's entries, too. */
const words = (list: string | undefined): string | undefined => {
  const entries = splitList(list ?? "");
  return entries.length === 0 ? undefined : entries.join(" ");
};

/** Options of the bridge itself; they stand in its inet stanza. */
function bridgeOptions(field: Field): [string, string][] {
  const options: [string, string][] = [
    ["bridge-ports", words(field("bridge_ports")) ?? "none"],
    ["bridge-stp", "off"],
    ["bridge-fd", "0"],
  ];
  if (field("bridge_vlan_aware") === "1") {
    options.push(
      ["bridge-vlan-aware", "yes"],
      ["bridge-vids", words(field("bridge_vids")) ?? "2-4094"],
    );
  }
  const mtu = field("mtu");
  return mtu === undefined ? options : [...options, ["mtu", mtu]];
}

function bridgeStanza(field: Field, family: Family, old: Stanza | undefined): Stanza | undefined {
  const suffix = family === "inet" ? "" : "6";
  const [cidr, gateway] = [field(`cidr${suffix}`), field(`gateway${suffix}`)];
  if (family === "inet6" && cidr === undefined) return undefined;
  const kept = old?.options.filter(([key]) => !MANAGED.has(key.replaceAll("_", "-"))) ?? [];
  return {
    iface: field("iface") ?? "",
    family,
    method: cidr === undefined ? "manual" : "static",
    options: [
      ...(cidr === undefined ? [] : [["address", cidr] as const]),
      ...(gateway === undefined ? [] : [["gateway", gateway] as const]),
      ...(family === "inet" ? bridgeOptions(field) : []),
      ...kept,
    ],
    comments: commentLines(field(`comments${suffix}`)),
  };
}

/** The file with one bridge set; `old` is its present record, whose values stay unless sent or deleted. */
export function withBridge(
  file: InterfacesFile,
  params: Params,
  old: InterfaceRecord | undefined,
): InterfacesFile {
  const iface = params.required("iface");
  const type = params.required("type");
  if (type !== "bridge") {
    throw new BackendError(`interface type '${type}' is not implemented in the lab`, 501);
  }
  const deleted = new Set(params.list("delete"));
  const field: Field = (name) => {
    const sent = params.text(name);
    if (sent !== undefined && sent !== "") return sent;
    // An address counts only when sent: PUT resets the method from it (docs/proxmox/network.md 2).
    if (deleted.has(name) || sent === "" || /^(?:cidr|gateway)6?$/.test(name)) return undefined;
    const kept = old?.[name];
    return kept === undefined || kept === "" ? undefined : String(kept);
  };
  if (field("gateway") !== undefined) refuseSecondGateway(file, iface, "inet");
  if (field("gateway6") !== undefined) refuseSecondGateway(file, iface, "inet6");
  refuseTakenPort(file, iface, params.list("bridge_ports"));
  const oldOf = (family: Family): Stanza | undefined =>
    file.stanzas.find((stanza) => stanza.iface === iface && stanza.family === family);
  const stanzas = [
    bridgeStanza(field, "inet", oldOf("inet")),
    bridgeStanza(field, "inet6", oldOf("inet6")),
  ].filter((stanza) => stanza !== undefined);
  const at = file.stanzas.findIndex((stanza) => stanza.iface === iface);
  const others = file.stanzas.filter((stanza) => stanza.iface !== iface);
  const place = at < 0 ? others.length : at;
  const auto = file.auto.filter((name) => name !== iface);
  return {
    ...file,
    auto: params.flag("autostart") ? [...auto, iface] : auto,
    stanzas: [...others.slice(0, place), ...stanzas, ...others.slice(place)],
  };
}

/** The file without an interface. */
export function withoutInterface(file: InterfacesFile, iface: string): InterfacesFile {
  return {
    ...file,
    auto: file.auto.filter((name) => name !== iface),
    stanzas: file.stanzas.filter((stanza) => stanza.iface !== iface),
  };
}

/** Nameservers and search domain of a resolv.conf. */
export function resolverOf(resolvConf: string): {
  readonly nameservers: readonly string[];
  readonly search: string | undefined;
} {
  const words = resolvConf.split("\n").map((line) => line.trim().split(/\s+/));
  return {
    nameservers: words
      .filter(([key, value]) => key === "nameserver" && value !== undefined)
      .map(([, value = ""]) => value),
    search: words.find(([key]) => key === "search" || key === "domain")?.[1],
  };
}

/** The host part of `a.b.c.d/n`; undefined for `dhcp`, `manual` and IPv6. */
export function staticAddress(ip: string | undefined): string | undefined {
  const host = ip?.split("/")[0];
  return host !== undefined && isIPv4(host) ? host : undefined;
}
