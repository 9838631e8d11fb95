/** dnsmasq of the appliance: DHCP and DNS of the private network (dnsmasq(8)). */
import type { App, Network } from "../model/topology";
import { toNumber } from "../model/net";
import { header, toText } from "./header";

/** Where dnsmasq looks for the names and reservations; re-read on SIGHUP, so an app needs no restart. */
export const dhcpHostsPath = "/etc/proximity/dhcp-hosts";

/** What dnsmasq.conf depends on: the network and the appliance's own name, never the apps. */
export interface DnsmasqInput {
  readonly network: Network;
  readonly hostname: string;
  /** The appliance's interface on the private network. */
  readonly lan: string;
}

/** The configuration that changes only with the network itself. */
export function renderDnsmasq({ network, hostname, lan }: DnsmasqInput): string {
  const { cidr, dhcp, domain, gateway, upstreamDns } = network;
  return toText([
    header("#"),
    "# Only the private network is served; requests from the WAN side are not even heard.",
    `interface=${lan}`,
    "bind-dynamic",
    "",
    "# Names: the lease file and the list below for the own domain, the resolvers here for the rest.",
    "no-resolv",
    "no-hosts",
    ...upstreamDns.map((server) => `server=${server}`),
    `domain=${domain}`,
    `local=/${domain}/`,
    "expand-hosts",
    "domain-needed",
    "bogus-priv",
    "no-negcache",
    `host-record=${hostname}.${domain},${hostname},gateway.${domain},${gateway}`,
    "",
    "# Addresses. Only declared guests get a name: a client that calls itself like an app gets none.",
    "dhcp-authoritative",
    "dhcp-rapid-commit",
    `dhcp-range=${dhcp.start},${dhcp.end},${cidr.mask},${dhcp.leaseHours}h`,
    // Reservations outside the range count too.
    `dhcp-lease-max=${toNumber(cidr.last) - toNumber(cidr.first) + 1}`,
    `dhcp-option=option:router,${gateway}`,
    `dhcp-option=option:dns-server,${gateway}`,
    `dhcp-option=option:domain-search,${domain}`,
    `dhcp-hostsfile=${dhcpHostsPath}`,
    "dhcp-ignore-names=tag:!known",
    "dhcp-leasefile=/var/lib/misc/dnsmasq.leases",
    "quiet-dhcp",
  ]);
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
