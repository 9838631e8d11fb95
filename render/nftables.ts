/** NAT and isolation of the appliance, as one ruleset that is loaded atomically (nft(8)). */
import { networkOf } from "../model/net";
import type { Network } from "../model/topology";
import { header, toText } from "./header";

/** What the ruleset depends on; ports are TCP. */
export interface NftablesInput {
  readonly network: Network;
  readonly wan: string;
  readonly lan: string;
  readonly proxyPorts: readonly number[];
  /** Port of the web console, when there is one. */
  readonly consolePort?: number;
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
  return toText([
    "#!/usr/sbin/nft -f",
    header("#"),
    `table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    ...indent([...inputChain(input), "", ...forwardChain(input), "", ...natChain(input)]),
    "}",
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

function forwardChain({ network, wan, lan }: NftablesInput): readonly string[] {
  const { cidr, allow } = network;
  const out = `iifname "${lan}" oifname "${wan}" ip saddr ${networkOf(cidr)}`;
  return chain("forward", "type filter hook forward priority filter; policy drop;", [
    "ct state established,related accept",
    "ct state invalid drop",
    ...allow.map((destination) => `${out} ip daddr ${destination} accept`),
    `iifname "${lan}" ip daddr ${set(privateNetworks)} reject with icmp type admin-prohibited`,
    `${out} accept`,
  ]);
}

function natChain({ network, wan }: NftablesInput): readonly string[] {
  return chain("postrouting", "type nat hook postrouting priority srcnat; policy accept;", [
    `oifname "${wan}" ip saddr ${networkOf(network.cidr)} masquerade`,
  ]);
}

function chain(name: string, hook: string, rules: readonly string[]): readonly string[] {
  return [`chain ${name} {`, ...indent([hook, ...rules]), "}"];
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === "" ? "" : `  ${line}`));
}

function set(items: readonly (string | number)[]): string {
  return `{ ${items.join(", ")} }`;
}
