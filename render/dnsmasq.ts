/** dnsmasq of the appliance: DHCP and DNS of the private network (dnsmasq(8)). */
import { networkOf, toAddress, toNumber } from "../model/net";
import type { Pool } from "../model/pool";
import type { App, Network } from "../model/topology";
import { header, toText } from "./header";

/** Lists that dnsmasq re-reads on SIGHUP, so that none of them needs a restart. */
export const lists = {
  hosts: "/etc/proximity/hosts",
  servers: "/etc/proximity/servers",
  dhcpHosts: "/etc/proximity/dhcp-hosts",
  dhcpOptions: "/etc/proximity/dhcp-options",
} as const;

/** Where dnsmasq keeps its leases; appliance/usr/local/sbin/proximity-sets reads them there. */
export const leaseFile = "/var/lib/misc/dnsmasq.leases";

/** The list of `dhcpHosts` with the addresses that proximity-sets found the apps to have. */
const reservationFile = "/var/lib/misc/proximity.dhcp-hosts";

/** What dnsmasq.conf depends on: the network and the appliance's own name, and of the apps only their number. */
export interface DnsmasqInput {
  readonly network: Network;
  readonly pool: Pool;
  readonly hostname: string;
  /** The appliance's interface on the private network. */
  readonly lan: string;
  /** Program that is run at each change of a lease. */
  readonly onLease: string;
}

/** The configuration that changes only with the network itself. */
export function renderDnsmasq({ network, pool, hostname, lan, onLease }: DnsmasqInput): string {
  const { cidr, dns, domain, gateway } = network;
  return toText([
    header("#"),
    "# Only the private network is served; requests from the WAN side are not even heard.",
    `interface=${lan}`,
    "bind-dynamic",
    "",
    "# Names: leases and the list of hosts for the own domain and the own reverse zone, the resolvers",
    "# of the list of servers for the rest.",
    "no-resolv",
    "no-hosts",
    `addn-hosts=${lists.hosts}`,
    `servers-file=${lists.servers}`,
    `domain=${domain}`,
    `domain=${domain},${networkOf(cidr)},local`,
    "expand-hosts",
    "domain-needed",
    "bogus-priv",
    "no-negcache",
    "# Nobody asks for the version, the upstream resolvers or statistics.",
    "no-ident",
    "# Room for what each of many guests may ask at the same time; see the limits of the packet filter.",
    "dns-forward-max=3000",
    "# The network has no IPv6, and half of an answer would lead past the addresses declared here.",
    "filter-AAAA",
    "# Nobody outside may name an address inside.",
    "stop-dns-rebind",
    ...sorted([...dns.rebindDomainOk, ...Object.keys(dns.forwards)]).map(
      (name) => `rebind-domain-ok=/${name}/`,
    ),
    `host-record=${hostname}.${domain},${hostname},gateway.${domain},${gateway}`,
    ...entries(dns.wildcards).flatMap(([name, address]) => [
      `address=/${name}/${address}`,
      `local=/${name}/`,
    ]),
    "",
    "# Addresses. Only declared guests get a name: a client that calls itself like an app gets none.",
    "dhcp-authoritative",
    "dhcp-rapid-commit",
    "# A guest is its MAC. Its client identifier is new in each new container, and the lease of one that",
    "# ended without a word would keep its name and address from the next.",
    "dhcp-ignore-clid",
    "# No ping before an address is offered, which takes 3 s in which nobody else is answered: whoever has an",
    "# address that is not theirs is not heard here. A client looks by itself, and declines what is in use.",
    "no-ping",
    ...ranges(network, pool),
    // Reservations outside the range count too.
    `dhcp-lease-max=${toNumber(cidr.last) - toNumber(cidr.first) + 1}`,
    `dhcp-option=option:router,${gateway}`,
    `dhcp-option=option:dns-server,${gateway}`,
    `dhcp-option=option:domain-search,${domain}`,
    `dhcp-hostsfile=${reservationFile}`,
    `dhcp-optsfile=${lists.dhcpOptions}`,
    "dhcp-ignore-names=tag:!known",
    `dhcp-leasefile=${leaseFile}`,
    `dhcp-script=${onLease}`,
    "quiet-dhcp",
  ]);
}

/** The whole pool for declared apps; guests that are not declared get no address before its last part. */
function ranges({ cidr, dhcp }: Network, { others }: Pool): readonly string[] {
  const range = (tag: string, start: string) =>
    `dhcp-range=tag:${tag},${start},${dhcp.end},${cidr.mask},${dhcp.leaseHours}h`;
  return [range("known", dhcp.start), ...(others === undefined ? [] : [range("!known", others)])];
}

/** One line an app, in the syntax of `dhcp-host` (MAC, reserved address if any, name). */
export function renderDhcpHosts(apps: readonly App[]): string {
  return toText([
    header("#"),
    ...apps.map(({ mac, address, name }) =>
      [mac, ...(address === undefined ? [] : [address]), name].join(","),
    ),
  ]);
}

/** One line an option, in the syntax of `dhcp-option`. */
export function renderDhcpOptions({ mtu, dhcp }: Network): string {
  return toText([
    header("#"),
    ...(mtu === undefined ? [] : [`option:mtu,${mtu}`]),
    ...entries(dhcp.options).map(([option, value]) =>
      [/^\d+$/.test(option) ? option : `option:${option}`, ...[value].flat()].join(","),
    ),
  ]);
}

/**
 * Further names, in the syntax of hosts(5). Every address that a guest may have gets a name that says nothing:
 * a reverse lookup finds the first name of an address in this file, and no name of a lease then.
 */
export function renderHosts({ dns, dhcp, domain }: Network, declared: readonly string[]): string {
  const [start, end] = [toNumber(dhcp.start), toNumber(dhcp.end)];
  const pool = Array.from({ length: end - start + 1 }, (_, index) => start + index);
  const addresses = [...new Set([...declared.map(toNumber), ...pool])].sort((a, b) => a - b);
  return toText([
    header("#"),
    ...entries(dns.records).flatMap(([name, records]) =>
      [records].flat().map((address) => `${address} ${name}`),
    ),
    ...addresses
      .map(toAddress)
      .map((address) => `${address} ${address.replaceAll(".", "-")}.guest.${domain}`),
  ]);
}

/** Whom to ask, in the syntax of `server`. */
export function renderServers({ dns, upstreamDns }: Network): string {
  return toText([
    header("#"),
    ...upstreamDns.map((server) => `server=${server}`),
    ...entries(dns.forwards).flatMap(([domain, servers]) =>
      servers.map((server) => `server=/${domain}/${server}`),
    ),
  ]);
}

function entries<T>(map: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
}

function sorted(items: readonly string[]): readonly string[] {
  return [...new Set(items)].sort();
}
