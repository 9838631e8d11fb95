/** The DNS server of a Phoenix hypervisor as resolvers, records and wildcards of the network. */
import { isIpv4, isLabel } from "../../model/net";
import type { Place } from "./place";
import { switchAt, textAt, wordsAt, type Problems } from "./values";

/** Names that the appliance has itself (model/rules/dns.ts). */
const OWN_NAMES = ["gateway", "prox-appliance"];

/** Reads `dns_server` as parts of `network`, whose domain is given; a name that is there twice has both addresses. */
export function dnsOf(
  server: Place,
  domain: string,
  problems: Problems,
): Readonly<Record<string, object>> {
  if (switchAt(server.at("enabled")) === false) {
    server.leave("it is switched off, so it is left out.");
    return {};
  }
  const upstream = addressesAt(server.at("upstream_servers"), problems);
  const records = new Map<string, readonly string[]>();
  const wildcards = new Map<string, string>();
  for (const zone of server.at("authoritative_zones").places()) {
    const zoneName = zone.at("zone_name");
    const name = plain(textAt(zoneName, problems) ?? "");
    const read = zone
      .at("records")
      .places()
      .map((record) => readRecord(record, { zone: name, domain, records, wildcards, problems }));
    if (zoneName.value !== undefined && !read.includes(true))
      zoneName.leave("no record of this zone is carried over.");
  }
  return filled({
    upstreamDns: upstream,
    dns: filled({
      records: Object.fromEntries([...records].map(single)),
      wildcards: Object.fromEntries(wildcards),
    }),
  });
}

/** An object without the keys whose value holds nothing. */
function filled(values: Readonly<Record<string, object>>): Readonly<Record<string, object>> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => Object.keys(value).length > 0),
  );
}

/** Why a resolver is left out. */
export const NO_RESOLVER =
  "what is not an IPv4 address is left out, as only these can be resolvers.";

/** The IPv4 addresses of a list; of any other a remark says that it is left out. */
export function addressesAt(place: Place, problems: Problems): readonly string[] {
  const words = wordsAt(place, problems);
  if (words.some((word) => !isIpv4(word))) place.leave(NO_RESOLVER);
  return [...new Set(words.filter(isIpv4))];
}

interface Zone {
  readonly zone: string;
  readonly domain: string;
  readonly records: Map<string, readonly string[]>;
  readonly wildcards: Map<string, string>;
  readonly problems: Problems;
}

/** Reads one record; whether it is carried over. */
function readRecord(record: Place, zone: Zone): boolean {
  const { problems } = zone;
  const [hostname, internal] = [record.at("hostname"), record.at("ip_internal")];
  const outside = record.at("ip_external");
  const host = plain(textAt(hostname, problems) ?? "");
  const address = textAt(internal, problems);
  const refusal =
    address === undefined
      ? "it has no ip_internal, and the appliance answers only inside."
      : add(nameIn(host, zone.zone), address, zone);
  if (refusal !== undefined) {
    record.leave(refusal);
    return false;
  }
  if (outside.value === internal.value) outside.use();
  else if (outside.value !== undefined)
    outside.leave("the appliance answers only inside, with ip_internal.");
  return true;
}

function add(name: string, address: string, zone: Zone): string | undefined {
  return name.startsWith("*.")
    ? addWildcard(name.slice(2), address, zone)
    : addRecord(name, address, zone);
}

/** Why a record cannot be one here; otherwise it is added. */
function addRecord(
  name: string,
  address: string,
  { domain, records }: Pick<Zone, "domain" | "records">,
): string | undefined {
  if (OWN_NAMES.some((own) => name === own || name === `${own}.${domain}`))
    return "the appliance has this name itself. Choose another one.";
  const fault = faultOf(name, address);
  if (fault === undefined) records.set(name, [...new Set([...(records.get(name) ?? []), address])]);
  return fault;
}

/** The same for a domain with every name below it. */
function addWildcard(
  base: string,
  address: string,
  { domain, wildcards }: Pick<Zone, "domain" | "wildcards">,
): string | undefined {
  if (isWithin(base, domain))
    return "below network.domain, each name has a record of its own; write them.";
  if ((wildcards.get(base) ?? address) !== address)
    return "the wildcard has another address already.";
  const fault = faultOf(base, address);
  if (fault === undefined) wildcards.set(base, address);
  return fault;
}

function faultOf(name: string, address: string): string | undefined {
  if (!isIpv4(address)) return "its address is not an IPv4 address.";
  return isDomain(name) ? undefined : "its name is not a domain name.";
}

const plain = (name: string): string => name.toLowerCase().replace(/\.$/, "");

/** The whole name of a host in a zone; `@` is the zone itself. */
function nameIn(host: string, zone: string): string {
  if (host === "" || host === "@") return zone;
  return zone === "" || isWithin(host, zone) ? host : `${host}.${zone}`;
}

const isWithin = (name: string, domain: string): boolean =>
  name === domain || name.endsWith(`.${domain}`);

const isDomain = (name: string): boolean => name.length <= 253 && name.split(".").every(isLabel);

function single([name, addresses]: readonly [string, readonly string[]]) {
  const [first = ""] = addresses;
  return [name, addresses.length === 1 ? first : addresses] as const;
}
