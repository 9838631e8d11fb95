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
  6: words(`any destination-unreachable no-route communication-prohibited address-unreachable
    port-unreachable packet-too-big time-exceeded ttl-zero-during-transit
    ttl-zero-during-reassembly parameter-problem bad-header unknown-header-type unknown-option
    echo-request echo-reply router-solicitation router-advertisement neighbor-solicitation
    neighbour-solicitation neighbor-advertisement neighbour-advertisement redirect`),
};

const FAMILY: ReadonlyMap<string, Family> = new Map([
  ["icmp", 4],
  ["1", 4],
  ["icmpv6", 6],
  ["ipv6-icmp", 6],
  ["58", 6],
]);

/** Arguments for ICMP; undefined in the family that does not have this one, `not icmp` for other protocols. */
export function icmpArguments(
  proto: string,
  family: Family,
  type: string | undefined,
): readonly string[] | undefined | "not icmp" {
  const own = FAMILY.get(proto);
  if (own === undefined) return "not icmp";
  if (type !== undefined && !TYPES[own].has(type) && !/^\d{1,3}(?:\/\d{1,3})?$/.test(type)) {
    throw new RuleError("icmp-type", `invalid icmp-type '${type}'`);
  }
  if (own !== family) return undefined;
  const name = own === 4 ? "icmp" : "icmpv6";
  return ["-p", name, ...(type === undefined || type === "any" ? [] : [`--${name}-type`, type])];
}
