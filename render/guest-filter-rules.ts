/** Rules and sets of the filter inside a guest, in the words of nftables. */
import {
  families,
  formatInterval,
  membersOf,
  merged,
  parseNetwork,
  parseRange,
  type Family,
  type Interval,
} from "../model/firewall/address";
import { entriesOf, meaningOf, named, typeOf, type Match } from "../model/firewall/meaning";
import type { Firewall, FirewallRule } from "../model/public-interface";

/** One named set for each family of which the declared one has members; one at least. */
export interface GuestSet {
  readonly name: string;
  readonly type: string;
  readonly elements: readonly string[];
}

const keyOf: Readonly<Record<Family, string>> = { 4: "ip", 6: "ip6" };

/** A name of its own for each set: Proxmox's names fit nftables, hyphens included. */
const setName = (name: string, family: Family): string => `${name.toLowerCase()}_ip${family}`;

function familiesOf(members: readonly Interval[]): readonly Family[] {
  const found = families.filter((family) => members.some((one) => one.family === family));
  return found.length > 0 ? found : [4];
}

function membersIn(listed: readonly string[], firewall: Firewall): readonly Interval[] {
  return membersOf(
    entriesOf(listed, firewall).flatMap(({ network, isException }) =>
      network === undefined ? [] : [{ network, isException }],
    ),
  );
}

/** The sets of a firewall, in the order of their names. */
export function guestSets(firewall: Firewall): readonly GuestSet[] {
  return Object.entries(firewall.ipsets)
    .sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
    .flatMap(([name, listed]) => {
      const members = membersIn(listed, firewall);
      return familiesOf(members).map((family) => ({
        name: setName(name, family),
        type: `ipv${family}_addr`,
        elements: members.filter((one) => one.family === family).map(formatInterval),
      }));
    });
}

/** What a source or destination matches, by family; a family without an entry is not matched at all. */
function placeMatch(
  side: "saddr" | "daddr",
  place: string,
  firewall: Firewall,
): ReadonlyMap<Family, string> {
  if (place.startsWith("+")) {
    const name = place.slice(1);
    const members = membersIn(named(firewall.ipsets, name) ?? [], firewall);
    return new Map(
      familiesOf(members).map((family) => [
        family,
        `${keyOf[family]} ${side} @${setName(name, family)}`,
      ]),
    );
  }
  const text = named(firewall.aliases, place) ?? place;
  const intervals = text.split(",").flatMap((part) => parseNetwork(part) ?? parseRange(part) ?? []);
  const [{ family } = { family: 4 as const }] = intervals;
  const listed = merged(intervals).map(formatInterval).join(", ");
  return new Map([[family, `${keyOf[family]} ${side} { ${listed} }`]]);
}

/** Ports as a set, in order and without overlaps, which nftables would refuse. */
function portSet(text: string): string {
  const intervals = text.split(",").map((part): Interval => {
    const [first = "", last = first] = part.split(":");
    return { family: 4, first: BigInt(first), last: BigInt(last) };
  });
  const listed = merged(intervals).map(({ first, last }) =>
    first === last ? `${first}` : `${first}-${last}`,
  );
  return `{ ${listed.join(", ")} }`;
}

function protocolMatch({ family, protocol, port, sourcePort, icmpType }: Match): readonly string[] {
  if (protocol === undefined) return [];
  const type = typeOf(family, icmpType);
  if (type !== undefined) {
    const word = family === 6 ? "icmpv6" : "icmp";
    const code = type.code === undefined ? [] : [`${word} code ${type.code}`];
    return [`${word} type ${type.type}`, ...code];
  }
  const words = [
    ...(sourcePort === undefined ? [] : [`${protocol.name} sport ${portSet(sourcePort)}`]),
    ...(port === undefined ? [] : [`${protocol.name} dport ${portSet(port)}`]),
  ];
  // By its number: not every name of Proxmox is one of nftables.
  return words.length > 0 ? words : [`meta l4proto ${protocol.number}`];
}

/** What a rule matches, one text for each line that it takes: one for each protocol and family. */
export function ruleMatches(rule: FirewallRule, firewall: Firewall): readonly string[] {
  const meaning = meaningOf(rule, firewall);
  if ("problem" in meaning) throw new Error(`a rule was accepted though ${meaning.problem}`);
  const sides = [
    ...(rule.source === undefined ? [] : [placeMatch("saddr", rule.source, firewall)]),
    ...(rule.destination === undefined ? [] : [placeMatch("daddr", rule.destination, firewall)]),
  ];
  return meaning.flatMap((match) => {
    const protocol = protocolMatch(match);
    if (sides.length === 0) {
      const isImplied = match.family === undefined || match.icmpType !== undefined;
      return [
        [...(isImplied ? [] : [`meta nfproto ipv${match.family ?? ""}`]), ...protocol].join(" "),
      ];
    }
    return families.flatMap((family) => {
      const places = sides.map((side) => side.get(family));
      return places.includes(undefined) || (match.family ?? family) !== family
        ? []
        : [[...places, ...protocol].join(" ")];
    });
  });
}
