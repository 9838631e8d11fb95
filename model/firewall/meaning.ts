/** What a rule matches, for both filters: that of the node and that of the guest. */
import type { Firewall, FirewallRule } from "../public-interface";
import { parseNetwork, parseRange, type Family, type Network } from "./address";
import { findMacro, type MacroMatch } from "./macros";
import {
  familyOf,
  icmpTypeOf,
  protocolOf,
  withPorts,
  type IcmpType,
  type Protocol,
} from "./protocols";

/** One thing that a rule matches beside its addresses. What is left out matches everything. */
export interface Match {
  readonly family?: Family;
  readonly protocol?: Protocol;
  readonly port?: string;
  readonly sourcePort?: string;
  readonly icmpType?: string;
}

/** Why Proxmox would not enforce a rule, and what to do about it. */
export interface Contradiction {
  readonly problem: string;
}

const because = (problem: string): Contradiction => ({ problem });

/** The entry of a record whose name differs by its case at most. */
export function named<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  const key = Object.keys(record).find((one) => one.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : record[key];
}

/** The family of a source or destination; undefined for a set, and for what this firewall cannot know. */
function familyOfPlace(place: string | undefined, { aliases }: Firewall): Family | undefined {
  if (place === undefined || place.startsWith("+")) return undefined;
  const text = named(aliases, place) ?? place.split(",")[0] ?? "";
  return (parseNetwork(text) ?? parseRange(text))?.family;
}

/** Everything that a rule matches, each with its own protocol and ports. */
export function meaningOf(
  rule: FirewallRule,
  firewall: Firewall,
): readonly Match[] | Contradiction {
  const sides = [rule.source, rule.destination].map((place) => familyOfPlace(place, firewall));
  const [family, other = family] = sides.filter((side) => side !== undefined);
  if (family !== other)
    return because("source and destination mix IPv4 and IPv6, which no packet can. Write one.");
  const macro = rule.macro === undefined ? undefined : findMacro(rule.macro);
  const parts = macro === undefined ? ownMatch(rule) : macroMatches(rule, macro.matches);
  if ("problem" in parts) return parts;
  const matches = parts.flatMap((part): readonly Match[] => {
    const only = macro?.family ?? (part.protocol && familyOf(part.protocol));
    if (only !== undefined && family !== undefined && only !== family) return [];
    const known = only ?? family;
    return [{ ...part, ...(known !== undefined && { family: known }) }];
  });
  return matches.length > 0
    ? matches
    : because(
        `${rule.macro ?? rule.protocol ?? ""} is not of IPv${family ?? 4}, as its addresses are, so no packet can match. Change one of them.`,
      );
}

/** A rule without a macro is one match. */
function ownMatch(rule: FirewallRule): readonly Match[] | Contradiction {
  const protocol = rule.protocol === undefined ? undefined : protocolOf(rule.protocol);
  const problem = portProblem(rule, protocol) ?? icmpProblem(rule, protocol);
  return problem ?? [{ ...(protocol && { protocol }), ...parts(rule) }];
}

function parts({ port, sourcePort, icmpType }: Partial<FirewallRule>) {
  return {
    ...(port !== undefined && { port }),
    ...(sourcePort !== undefined && { sourcePort }),
    ...(icmpType !== undefined && icmpType !== "any" && { icmpType }),
  };
}

function portProblem(
  { port, sourcePort }: FirewallRule,
  protocol: Protocol | undefined,
): Contradiction | undefined {
  const given = [port, sourcePort].filter((list) => list !== undefined);
  if (given.length === 0) return undefined;
  if (protocol === undefined || !withPorts.includes(protocol.name))
    return because(`a port needs the protocol ${withPorts.join(", ")}. Write it.`);
  return protocol.name === "udplite" && given.some((list) => !list.includes(","))
    ? because(
        "iptables takes ports of udplite in lists only. Write at least two, or leave them out.",
      )
    : undefined;
}

function icmpProblem(
  { icmpType }: FirewallRule,
  protocol: Protocol | undefined,
): Contradiction | undefined {
  if (icmpType === undefined) return undefined;
  const family = protocol && familyOf(protocol);
  if (family === undefined)
    return because("an icmpType needs the protocol icmp or ipv6-icmp. Write it.");
  const isKnown = icmpType === "any" ? family === 4 : typeOf(family, icmpType) !== undefined;
  return isKnown
    ? undefined
    : because(`${icmpType} is not a type of ${protocol?.name ?? ""}. Write one of that protocol.`);
}

/** The type of a match; undefined if it has none. */
export function typeOf(family: Family | undefined, name: string | undefined): IcmpType | undefined {
  return family === undefined || name === undefined ? undefined : icmpTypeOf(family, name);
}

/** A macro's matches, with what the rule adds to them: as in Proxmox, it may not contradict any of them. */
function macroMatches(
  rule: FirewallRule,
  matches: readonly MacroMatch[],
): readonly Match[] | Contradiction {
  const { macro = "", protocol, port, sourcePort, icmpType } = rule;
  if (icmpType !== undefined)
    return because(`the macro ${macro} already says what it matches. Leave icmpType out.`);
  if (protocol === undefined && (port ?? sourcePort) !== undefined)
    return because(
      `a port needs a protocol beside the macro ${macro}, too. Write it, or leave the macro out.`,
    );
  for (const match of matches) {
    const own: readonly (readonly [string, string | undefined, string | undefined])[] = [
      ["protocol", protocol, match.protocol],
      ["port", port, match.port],
      ["sourcePort", sourcePort, match.sourcePort],
    ];
    const [key] =
      own.find(([, mine, its]) => mine !== undefined && its !== undefined && mine !== its) ?? [];
    if (key !== undefined)
      return because(
        `the macro ${macro} already says its ${key}, which is another one. Keep one of the two.`,
      );
  }
  return matches.flatMap((match) => {
    const kind = protocolOf(match.protocol);
    return kind === undefined ? [] : [{ protocol: kind, ...parts({ ...rule, ...match }) }];
  });
}

/** An entry of a set, with the network that it stands for; undefined for one of the datacenter. */
export interface Entry {
  readonly text: string;
  readonly isException: boolean;
  readonly network: Network | undefined;
}

/** The entries of a set, with aliases in place. */
export function entriesOf(listed: readonly string[], { aliases }: Firewall): readonly Entry[] {
  return listed.map((text) => {
    const name = text.replace(/^!/, "");
    return {
      text,
      isException: text.startsWith("!"),
      network: parseNetwork(named(aliases, name) ?? name),
    };
  });
}
