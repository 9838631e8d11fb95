/** What a rule matches, as iptables arguments; what cannot be matched is a RuleError. */
import {
  FAMILIES,
  MAX_NAME,
  NAME,
  familyOf,
  hasHostBits,
  numberOf,
  parseCidr,
  printCidr,
} from "../pve/firewall/address";
import type { Cidr, Family } from "../pve/firewall/address";
import { findMacro, type MacroMatch } from "../pve/firewall/macros";
import type { FirewallRule } from "../pve/firewall/rule";
import { icmpArguments, icmpFamily } from "./icmp";
import { RuleError, type Scope } from "./scope";

/** The arguments of one iptables rule, for one family. */
export interface Match {
  readonly family: Family;
  readonly arguments: readonly string[];
}

type ByFamily = ReadonlyMap<Family, readonly string[]>;

/** Each family that the text may be of, with the arguments; no entry where it cannot match. */
function addressArguments(field: "source" | "dest", text: string, scope: Scope): ByFamily {
  const side = field === "source" ? "src" : "dst";
  const flag = field === "source" ? "-s" : "-d";
  if (text.startsWith("+")) {
    checkLength(field, text, MAX_NAME + 1);
    // Sets are kept in lower case and looked up as the rule writes them.
    const sets = scope.ipsets.get(text.slice(1));
    if (sets === undefined) throw new RuleError(field, `no such ipset '${text.slice(1)}'`);
    return new Map([...sets].map(([family, set]) => [family, ["-m set --match-set", set, side]]));
  }
  if (isAlias(text)) {
    checkLength(field, text, MAX_NAME);
    const alias = scope.aliases.get(text.toLowerCase());
    if (alias === undefined) throw new RuleError(field, `no such alias '${text}'`);
    return new Map([[alias.family, [flag, printCidr(alias)]]]);
  }
  const isRange = text.includes("-");
  if (isRange && text.includes(","))
    throw new RuleError(field, `a range cannot be in a list: '${text}'`);
  if (isRange)
    return new Map([[rangeFamily(field, text), ["-m iprange", `--${side}-range`, text]]]);
  const networks = networkList(field, text);
  return new Map(networks.map(({ family }) => [family, [flag, networks.map(printCidr).join(",")]]));
}

const isAlias = (text: string): boolean => new RegExp(`^(?:(?:dc|guest)/)?${NAME}$`).test(text);

function checkLength(field: string, text: string, longest: number): void {
  if (text.length > longest) throw new RuleError(field, `'${text}' is too long`);
}

function rangeFamily(field: string, text: string): Family {
  const [first = "", last = "", ...rest] = text.split("-");
  const family = familyOf(first);
  if (family === undefined || familyOf(last) !== family || rest.length > 0) {
    throw new RuleError(field, `invalid address range '${text}'`);
  }
  if (numberOf(first) > numberOf(last))
    throw new RuleError(field, `the address range '${text}' is backwards`);
  return family;
}

/** A list of addresses of one family. */
function networkList(field: string, text: string): readonly Cidr[] {
  const networks = text.split(",").map((part): Cidr => {
    const network = parseCidr(part);
    if (network === undefined) throw new RuleError(field, `invalid IP address '${part}'`);
    if (hasHostBits(network)) throw new RuleError(field, `'${part}' has bits behind its prefix`);
    return network;
  });
  if (new Set(networks.map(({ family }) => family)).size > 1) {
    throw new RuleError(field, `detected mixed ipv4/ipv6 addresses in address list '${text}'`);
  }
  return networks;
}

/** By their numbers, too. */
const PORT_PROTOCOLS = new Set([
  ...["tcp", "udp", "udplite", "dccp", "sctp"],
  ...["6", "17", "136", "33", "132"],
]);

/** Most numbers in one list; a range has two, and the name of a service none. */
const MAX_PORTS = 15;

const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) <= 65535;

/** How many numbers an item has. */
function checkPort(field: string, item: string, scope: Scope): number {
  if (scope.names.services.has(item)) return 0;
  const numbers = item.split(":");
  if (numbers.length > 2 || !numbers.every(isPort))
    throw new RuleError(field, `invalid port '${item}'`);
  const [first, last = first] = numbers.map(Number);
  if (Number(first) > Number(last))
    throw new RuleError(field, `the port range '${item}' is backwards`);
  return numbers.length;
}

function portArguments(
  field: "sport" | "dport",
  { proto, [field]: text }: Partial<MacroMatch>,
  scope: Scope,
): readonly string[] {
  if (text === undefined) return [];
  if (proto === undefined) throw new RuleError("proto", `'${field}' needs a protocol`);
  if (!PORT_PROTOCOLS.has(proto)) throw new RuleError(field, `protocol ${proto} has no ports`);
  const items = text.split(",");
  const count = items.reduce((sum, item) => sum + checkPort(field, item, scope), 0);
  if (count > MAX_PORTS) throw new RuleError(field, `more than ${MAX_PORTS} ports in '${text}'`);
  return items.length === 1 ? [`--${field}`, text] : ["-m multiport", `--${field}s`, text];
}

/** A protocol by its name or number in the node's /etc/protocols. */
function checkProtocol(proto: string, scope: Scope): void {
  if (!scope.names.protocols.has(proto))
    throw new RuleError("proto", `unknown protocol '${proto}'`);
}

/** Arguments for protocol, ports and ICMP type in one family; undefined where it cannot match. */
function protocolArguments(
  part: Partial<MacroMatch>,
  family: Family,
  scope: Scope,
): readonly string[] | undefined {
  const { proto = "", sport, dport, icmpType } = part;
  const icmp = icmpFamily(proto);
  if (icmp !== undefined) {
    if (sport !== undefined) throw new RuleError("sport", `protocol ${proto} has no ports`);
    const words = icmpArguments(icmp, { icmpType, dport });
    return icmp === family ? words : undefined;
  }
  if (icmpType !== undefined) throw new RuleError("proto", "'icmp-type' needs icmp or icmpv6");
  const words = [
    ...(proto === "" ? [] : ["-p", proto]),
    ...portArguments("sport", part, scope),
    ...portArguments("dport", part, scope),
  ];
  return part.family !== undefined && part.family !== family ? undefined : words;
}

/** The protocol parts of a rule: its own, or the macro's, which may not be in conflict with them. */
function protocolParts(
  rule: FirewallRule,
  family: Family | undefined,
): readonly Partial<MacroMatch>[] {
  const part = (field: string): string | undefined => rule.match.get(field);
  const own: Partial<Record<"proto" | "sport" | "dport", string>> = Object.fromEntries(
    (["proto", "sport", "dport"] as const).flatMap((field) => {
      const value = part(field);
      return value === undefined ? [] : [[field, value] as const];
    }),
  );
  const icmpType = part("icmp-type");
  if (rule.macro === undefined) return [icmpType === undefined ? own : { ...own, icmpType }];
  const macro = findMacro(rule.macro);
  if (macro === undefined) throw new RuleError("macro", `unknown macro '${rule.macro}'`);
  if (own.proto === undefined && (own.sport ?? own.dport) !== undefined)
    throw new RuleError("proto", "ports need a protocol");
  const fitting = macro.filter((match) => {
    const only = match.family ?? icmpFamily(match.proto);
    return only === undefined || family === undefined || only === family;
  });
  return fitting.map((match) => {
    for (const field of ["proto", "sport", "dport"] as const) {
      const value = part(field);
      if (value !== undefined && match[field] !== undefined && match[field] !== value) {
        throw new RuleError(field, `parameter already defined by macro (= '${match[field]}')`);
      }
    }
    return { ...match, ...own };
  });
}

/**
 * The family of a rule by its addresses and its own protocol; undefined if it may be either. Throws where they
 * are of two.
 */
function ruleFamily(rule: FirewallRule, sides: readonly ByFamily[]): Family | undefined {
  const own = icmpFamily(rule.match.get("proto") ?? "");
  const named = sides.flatMap((side) => (side.size === 1 ? [...side.keys()] : []));
  const [family, ...others] = new Set([...named, ...(own === undefined ? [] : [own])]);
  if (others.length > 0)
    throw new RuleError("source", "detected mixed ipv4/ipv6 addresses in rule");
  return family;
}

/** Everything that a rule matches, its interface apart; each is one iptables rule of its family. */
export function ruleMatches(rule: FirewallRule, scope: Scope): readonly Match[] {
  const sides = (["source", "dest"] as const).flatMap((field) => {
    const text = rule.match.get(field);
    return text === undefined ? [] : [addressArguments(field, text, scope)];
  });
  const proto = rule.match.get("proto");
  if (proto !== undefined) checkProtocol(proto, scope);
  const parts = protocolParts(rule, ruleFamily(rule, sides));
  return parts.flatMap((part) =>
    FAMILIES.flatMap((family) => {
      const addresses = sides.map((side) => side.get(family));
      const protocol = protocolArguments(part, family, scope);
      if (protocol === undefined || addresses.includes(undefined)) return [];
      return [{ family, arguments: [...addresses.flatMap((side) => side ?? []), ...protocol] }];
    }),
  );
}
