/**
 * NAT and isolation of the appliance, as one ruleset that is loaded atomically (nft(8)) by
 * appliance/usr/local/sbin/proximity-filter. What follows the leases is not part of it: sets, which
 * appliance/usr/local/sbin/proximity-sets fills (docs/adr/0009-closed-without-rules.md).
 */
import { networkOf } from "../model/net";
import type { Forward, Network } from "../model/topology";
import { header, toText } from "./header";

/** A forward with the address of its app. */
export type TargetedForward = Omit<Forward, "app" | "name"> & { readonly address: string };

/** What the ruleset depends on; ports are TCP. */
export interface NftablesInput {
  readonly network: Network;
  readonly wan: string;
  readonly lan: string;
  readonly proxyPorts: readonly number[];
  readonly statusPort: number;
  /** Port of the web console, when there is one. */
  readonly consolePort?: number;
  readonly forwards: readonly TargetedForward[];
}

/** Networks that are never the internet: those of RFC 6890 that are not globally reachable, and multicast. */
const privateNetworks: readonly string[] = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/3",
];

/** What one guest may use of what all share; the rest is refused. */
const limits = {
  /** Questions to the resolver in a second, and at once. */
  questions: { rate: 200, burst: 1000 },
  /** TCP connections to the resolver, which has 20 for everybody (dnsmasq, MAX_PROCS). */
  resolverConnections: 5,
  /** TCP connections to the proxy: of a guest, and of an address on the WAN side. */
  proxyConnections: { guest: 256, wan: 1024 },
  /** Connections through NAT; the kernel follows 65536 or more in all (nf_conntrack_max). */
  connections: 10_000,
  /** DHCP packets in a second, and at once: of a declared app, and of all other guests together. */
  dhcp: { app: { rate: 5, burst: 20 }, others: { rate: 20, burst: 60 } },
} as const;

const table = "inet proximity";

/** The complete file: replaces the own table in one transaction and leaves other tables alone. */
export function renderNftables(input: NftablesInput): string {
  const chains = [
    sets,
    sourceChain(input),
    dhcpChain(input),
    inputChain(input),
    forwardChain(input),
    ...portChains(input),
    natChain(input),
  ];
  return toText([
    "#!/usr/sbin/nft -f",
    header("#"),
    `table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    ...indent(chains.flatMap((lines, index) => (index === 0 ? lines : ["", ...lines]))),
    "}",
  ]);
}

/** A field of BOOTP (RFC 2131 section 2) by its offset and length in bytes, behind the header of UDP. */
const bootp = (offset: number, length: number) => `@th,${64 + 8 * offset},${8 * length}`;

/** The sender of a DHCP packet, by its frame and by its own words. */
const dhcpSender = `ether saddr . ${bootp(28, 6)}`;

const sets: readonly string[] = [
  "# Kept by /usr/local/sbin/proximity-sets; while they are empty, nothing passes.",
  "# Which guest has which address, by lease or reservation.",
  ...set("guests", ["type ipv4_addr . ether_addr"]),
  "",
  "# The way out of the WAN's own network.",
  ...set("router", ["type ipv4_addr"]),
  "",
  "# The declared apps, as senders of DHCP packets.",
  ...set("apps", [`typeof ${dhcpSender}`]),
  "",
  "# Kept by the rules themselves, with an element for each guest.",
  ...set("speakers", [`typeof ${dhcpSender}`, "size 1024", "flags dynamic,timeout", "timeout 5s"]),
  ...set("dhcp_rates", rates("ether_addr")),
  ...set("question_rates", rates("ipv4_addr")),
  ...["connections", "resolver_connections", "proxy_connections"].flatMap((name) =>
    set(name, ["type ipv4_addr", "size 65535", "flags dynamic"]),
  ),
  "",
  "# DHCP packets beyond what a guest may send.",
  "counter dhcp_flood {",
  "}",
];

function set(name: string, lines: readonly string[]): readonly string[] {
  return [`set ${name} {`, ...indent(lines), "}"];
}

function rates(type: string): readonly string[] {
  return [`type ${type}`, "size 65535", "flags dynamic,timeout", "timeout 1m"];
}

/** True for a packet beyond the rate of its key. */
function above(limit: { readonly rate: number; readonly burst: number }): string {
  return `limit rate over ${limit.rate}/second burst ${limit.burst} packets`;
}

/** Takes a new connection in where its key has less than so many, and refuses it else. */
function atMost(count: number, name: string, refusal: string): string {
  return `add @${name} { ip saddr ct count over ${count} } ${refusal}`;
}

function sourceChain({ network, wan, lan }: NftablesInput): readonly string[] {
  return chain("source", "type filter hook prerouting priority raw; policy accept;", [
    "# Nobody outside has an address of the inside.",
    `iifname "${wan}" ip saddr ${networkOf(network.cidr)} drop`,
    "# Inside, nobody has an address that DHCP did not give to that MAC; and nobody has IPv6.",
    `iifname "${lan}" udp dport 67 fib daddr type != unicast goto dhcp`,
    `iifname "${lan}" ip saddr . ether saddr != @guests drop`,
    `iifname "${lan}" meta nfproto ipv6 drop`,
    `iifname "${lan}" udp dport 53 update @question_rates { ip saddr ${above(limits.questions)} } drop`,
  ]);
}

/**
 * Who speaks DHCP speaks for itself: dnsmasq believes what a packet says about its sender, the filter
 * compares that with the frame.
 */
function dhcpChain({ network }: NftablesInput): readonly string[] {
  const { app, others } = limits.dhcp;
  const refuse = "counter name dhcp_flood drop";
  return chain("dhcp", undefined, [
    "meta nfproto != ipv4 drop",
    "udp sport != 68 drop",
    `ip daddr != { 255.255.255.255, ${network.gateway} } drop`,
    `ip saddr != { 0.0.0.0, ${networkOf(network.cidr)} } drop`,
    "# A request, with a MAC address of Ethernet, and no relay between.",
    `${bootp(0, 3)} != 0x010106 drop`,
    `${bootp(24, 4)} != 0 drop`,
    "# Declared apps first, each with a rate of its own: nothing that others send keeps one from its address.",
    `${dhcpSender} @apps update @dhcp_rates { ether saddr ${above(app)} } ${refuse}`,
    `${dhcpSender} @apps accept`,
    `${above(others)} ${refuse}`,
    "# nft compares a packet with a set, not one of its fields with another: so the one goes into a set first.",
    "update @speakers { ether saddr . @ll,48,48 }",
    `${dhcpSender} != @speakers drop`,
    "accept",
  ]);
}

function inputChain(input: NftablesInput): readonly string[] {
  const { wan, lan, proxyPorts, statusPort, consolePort } = input;
  const proxy = anyOf(proxyPorts);
  const outside = anyOf([...proxyPorts, statusPort]);
  const { guest, wan: visitor } = limits.proxyConnections;
  const reset = "reject with tcp reset";
  return chain("input", "type filter hook input priority filter; policy drop;", [
    "ct state established,related accept",
    "ct state invalid drop",
    'iifname "lo" accept',
    "# Neighbour discovery and path MTU, without which IPv6 and large packets break.",
    "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, packet-too-big } accept",
    "icmp type { echo-request, destination-unreachable, time-exceeded } accept",
    `iifname "${wan}" udp sport 67 udp dport 68 accept`,
    ...(consolePort === undefined ? [] : [`iifname "${wan}" tcp dport ${consolePort} accept`]),
    `iifname "${wan}" tcp dport ${outside} ${atMost(visitor, "proxy_connections", reset)}`,
    `iifname "${wan}" tcp dport ${outside} accept`,
    `iifname "${lan}" udp dport { 53, 67 } accept`,
    `iifname "${lan}" tcp dport 53 ${atMost(limits.resolverConnections, "resolver_connections", reset)}`,
    `iifname "${lan}" tcp dport 53 accept`,
    `iifname "${lan}" tcp dport ${proxy} ${atMost(guest, "proxy_connections", reset)}`,
    `iifname "${lan}" tcp dport ${proxy} accept`,
    "# A refusal at once is kinder to a person than a time-out; the packet goes nowhere.",
    `iifname "${lan}" meta l4proto tcp ${reset}`,
  ]);
}

function forwardChain({ network, wan, lan, forwards }: NftablesInput): readonly string[] {
  const out = `iifname "${lan}" oifname "${wan}" ip saddr ${networkOf(network.cidr)}`;
  const refuse = "reject with icmp type admin-prohibited";
  return chain("forward", "type filter hook forward priority filter; policy drop;", [
    "ct state established,related accept",
    "ct state invalid drop",
    ...(forwards.length === 0 ? [] : [`oifname "${lan}" ct status dnat accept`]),
    ...network.allow.map((destination) => `${out} ip daddr ${destination} accept`),
    `iifname "${lan}" ip daddr ${anyOf(privateNetworks)} ${refuse}`,
    "# The WAN's own network is no internet either, whatever its addresses: what has no router",
    "# between, and the router itself.",
    `iifname "${lan}" ip daddr @router ${refuse}`,
    `iifname "${lan}" rt ip nexthop != @router ${refuse}`,
    `${out} ${atMost(limits.connections, "connections", refuse)}`,
    `${out} accept`,
  ]);
}

/**
 * Declared ports of the appliance's own addresses, from outside and, so that one address serves
 * everybody, from inside and from the appliance too.
 */
function portChains({ network, forwards }: NftablesInput): readonly (readonly string[])[] {
  if (forwards.length === 0) return [];
  const own = `fib daddr type local ip daddr != { 127.0.0.0/8, ${network.gateway} } jump ports`;
  return [
    chain("ports", undefined, forwards.map(portRule)),
    chain("prerouting", "type nat hook prerouting priority dstnat; policy accept;", [own]),
    chain("output", "type nat hook output priority -100; policy accept;", [own]),
  ];
}

function portRule({ protocol, first, last, address, appPort, from }: TargetedForward): string {
  const source = from.length === 0 ? "" : `ip saddr ${anyOf(from)} `;
  const ports = first === last ? String(first) : `${first}-${last}`;
  const target = first === last ? `${address}:${appPort ?? first}` : address;
  return `${source}${protocol} dport ${ports} dnat ip to ${target}`;
}

function natChain({ network, wan, lan, forwards }: NftablesInput): readonly string[] {
  const inside = `ip saddr ${networkOf(network.cidr)}`;
  return chain("postrouting", "type nat hook postrouting priority srcnat; policy accept;", [
    `oifname "${wan}" ${inside} masquerade`,
    ...(forwards.length === 0
      ? []
      : [
          "# From app to app by way of a forwarded port: the answer must come back this way.",
          `oifname "${lan}" ${inside} ct status dnat masquerade`,
        ]),
  ]);
}

function chain(
  name: string,
  hook: string | undefined,
  rules: readonly string[],
): readonly string[] {
  return [`chain ${name} {`, ...indent(hook === undefined ? rules : [hook, ...rules]), "}"];
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === "" ? "" : `  ${line}`));
}

function anyOf(items: readonly (string | number)[]): string {
  return `{ ${items.join(", ")} }`;
}
