/** NAT and isolation of the appliance, as one ruleset that is loaded atomically (nft(8)). */
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
  /** Port of the web console, when there is one. */
  readonly consolePort?: number;
  readonly forwards: readonly TargetedForward[];
  /** Files with the elements of the two sets, as a pattern: a pattern may match none. */
  readonly elements: string;
}

/** Networks that are never the internet: RFC 1918, 6598, 3927, 5771 and loopback. */
const privateNetworks: readonly string[] = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "224.0.0.0/4",
];

const table = "inet proximity";

/** The complete file: replaces the own table in one transaction and leaves other tables alone. */
export function renderNftables(input: NftablesInput): string {
  const chains = [
    sets,
    sourceChain(input),
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
    "",
    `include "${input.elements}"`,
  ]);
}

const sets: readonly string[] = [
  "# What can only be seen on the spot; /usr/local/sbin/proximity-sets keeps both. Empty, they close.",
  "# Which guest has which address, by lease or reservation.",
  "set guests {",
  "  type ipv4_addr . ether_addr",
  "}",
  "",
  "# The way out of the WAN's own network.",
  "set router {",
  "  type ipv4_addr",
  "}",
];

function sourceChain({ network, wan, lan }: NftablesInput): readonly string[] {
  return chain("source", "type filter hook prerouting priority raw; policy accept;", [
    "# Nobody outside has an address of the inside.",
    `iifname "${wan}" ip saddr ${networkOf(network.cidr)} drop`,
    "# Inside, nobody has an address that DHCP did not give to that MAC; and nobody has IPv6.",
    `iifname "${lan}" udp sport 68 udp dport 67 accept`,
    `iifname "${lan}" ip saddr . ether saddr != @guests drop`,
    `iifname "${lan}" meta nfproto ipv6 drop`,
  ]);
}

function inputChain({ wan, lan, proxyPorts, consolePort }: NftablesInput): readonly string[] {
  const proxy = set(proxyPorts);
  const open = set(consolePort === undefined ? proxyPorts : [...proxyPorts, consolePort]);
  return chain("input", "type filter hook input priority filter; policy drop;", [
    "ct state established,related accept",
    "ct state invalid drop",
    'iifname "lo" accept',
    "# Neighbour discovery and path MTU, without which IPv6 and large packets break.",
    "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, packet-too-big } accept",
    "icmp type { echo-request, destination-unreachable, time-exceeded } accept",
    `iifname "${wan}" udp sport 67 udp dport 68 accept`,
    `iifname "${wan}" tcp dport ${open} accept`,
    `iifname "${lan}" udp dport { 53, 67 } accept`,
    `iifname "${lan}" tcp dport 53 accept`,
    `iifname "${lan}" tcp dport ${proxy} accept`,
    "# A refusal at once is kinder to a person than a time-out; the packet goes nowhere.",
    `iifname "${lan}" meta l4proto tcp reject with tcp reset`,
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
    `iifname "${lan}" ip daddr ${set(privateNetworks)} ${refuse}`,
    "# The WAN's own network is no internet either, whatever its addresses: what has no router",
    "# between, and the router itself.",
    `iifname "${lan}" ip daddr @router ${refuse}`,
    `iifname "${lan}" rt ip nexthop != @router ${refuse}`,
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
  const source = from.length === 0 ? "" : `ip saddr ${set(from)} `;
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

function set(items: readonly (string | number)[]): string {
  return `{ ${items.join(", ")} }`;
}
