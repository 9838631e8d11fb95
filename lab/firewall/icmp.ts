/** ICMP types by the names that iptables and ip6tables have for them. */
import type { Family } from "../pve/firewall/address";
import { RuleError } from "./scope";

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

const TYPES: Readonly<Record<Family, ReadonlySet<string>>> = {
  4: words(`any echo-reply destination-unreachable network-unreachable host-unreachable
    protocol-unreachable port-unreachable fragmentation-needed source-route-failed network-unknown
    host-unknown network-prohibited host-prohibited TOS-network-unreachable TOS-host-unreachable
    communication-prohibited host-precedence-violation precedence-cutoff source-quench redirect
    network-redirect host-redirect TOS-network-redirect TOS-host-redirect echo-request
    router-advertisement router-solicitation time-exceeded ttl-zero-during-transit
    ttl-zero-during-reassembly parameter-problem ip-header-bad required-option-missing
    timestamp-request timestamp-reply address-mask-request address-mask-reply`),
  6: words(`destination-unreachable no-route communication-prohibited beyond-scope address-unreachable
    port-unreachable failed-policy reject-route packet-too-big time-exceeded ttl-zero-during-transit
    ttl-zero-during-reassembly parameter-problem bad-header unknown-header-type unknown-option
    echo-request echo-reply router-solicitation router-advertisement neighbor-solicitation
    neighbour-solicitation neighbor-advertisement neighbour-advertisement redirect`),
};

/** By name alone: Proxmox takes no types and no ports with the numbers 1 and 58. */
const FAMILY: ReadonlyMap<string, Family> = new Map([
  ["icmp", 4],
  ["icmpv6", 6],
  ["ipv6-icmp", 6],
]);

/** The family whose ICMP a protocol is; undefined for other protocols. */
export const icmpFamily = (proto: string): Family | undefined => FAMILY.get(proto);

/** What a rule says about ICMP: its type, or that in the place of a port, where it may be a number, too. */
export interface IcmpFields {
  readonly icmpType: string | undefined;
  readonly dport: string | undefined;
}

/** Arguments for ICMP of a family; throws for what iptables would not take. */
export function icmpArguments(family: Family, { icmpType, dport }: IcmpFields): readonly string[] {
  if (icmpType !== undefined && dport !== undefined)
    throw new RuleError("icmp-type", "'icmp-type' cannot be beside 'dport'");
  const isNumber = dport !== undefined && /^\d{1,3}$/.test(dport) && Number(dport) <= 255;
  const type = icmpType ?? dport;
  if (type !== undefined && !isNumber && !TYPES[family].has(type))
    throw new RuleError("icmp-type", `invalid icmp-type '${type}'`);
  const name = family === 4 ? "icmp" : "icmpv6";
  return ["-p", name, ...(type === undefined || type === "any" ? [] : [`--${name}-type`, type])];
}
