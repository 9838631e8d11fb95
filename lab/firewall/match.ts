/** What a rule matches, as iptables arguments; what cannot be matched is a RuleError. */
import { FAMILIES, NAME, familyOf, parseCidr, printCidr } from "../pve/firewall/address";
import type { Cidr, Family } from "../pve/firewall/address";
import { findMacro, type MacroMatch } from "../pve/firewall/macros";
import type { FirewallRule } from "../pve/firewall/rule";
import { icmpArguments } from "./icmp";
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
    const sets = scope.ipsets.get(text.slice(1));
    if (sets === undefined) throw new RuleError(field, `no such ipset '${text.slice(1)}'`);
    return new Map([...sets].map(([family, set]) => [family, ["-m set --match-set", set, side]]));
  }
  if (new RegExp(`^(?:(?:dc|guest)/)?${NAME}$`).test(text) && familyOf(text) === undefined) {
    const alias = scope.aliases.get(text);
    if (alias === undefined) throw new RuleError(field, `no such alias '${text}'`);
    return new Map([[alias.family, [flag, printCidr(alias)]]]);
  }
  if (text.includes("-")) {
    return new Map([[rangeFamily(field, text), ["-m iprange", `--${side}-range`, text]]]);
  }
  const networks = networkList(field, text);
  return new Map(networks.map(({ family }) => [family, [flag, networks.map(printCidr).join(",")]]));
}

function rangeFamily(field: string, text: string): Family {
  const [first = "", last = "", ...rest] = text.split("-");
  const family = familyOf(first);
  if (family === undefined || familyOf(last) !== family || rest.length > 0) {
    throw new RuleError(field, `invalid address range '${text}'`);
  }
  return family;
}

/** A list of addresses of one family. */
function networkList(field: string, text: string): readonly Cidr[] {
  const networks = text.split(",").map((part): Cidr => {
    const network = parseCidr(part);
    if (network === undefined) throw new RuleError(field, `invalid IP address '${part}'`);
    return network;
  });
  if (new Set(networks.map(({ family }) => family)).size > 1) {
    throw new RuleError(field, `detected mixed ipv4/ipv6 addresses in address list '${text}'`);
  }
  return networks;
}

const PORT_PROTOCOLS = new Set(["tcp", "udp", "udplite", "dccp", "sctp"]);

/** Most ports in one list; a range counts as two. */
const MAX_PORTS = 15;

const isPort = (text: string | undefined): boolean =>
  /^\d{1,5}$/.test(text ?? "") && Number(text) <= 65535;

function checkPort(field: string, item: string, scope: Scope): number {
  const [first, last] = item.split(":");
  if (!/^\d/.test(item)) {
    if (scope.names.services.has(item)) return 1;
    throw new RuleError(field, `invalid port '${item}'`);
  }
  if (!isPort(first) || (item.includes(":") && (!isPort(last) || item.split(":").length !== 2))) {
    throw new RuleError(field, `invalid port '${item}'`);
  }
  if (last === undefined) return 1;
  if (Number(first) >= Number(last)) throw new RuleError(field, `invalid port range '${item}'`);
  return 2;
}

function portArguments(field: "sport" | "dport", text: string, scope: Scope): readonly string[] {
  const items = text.split(",");
  const count = items.reduce((sum, item) => sum + checkPort(field, item, scope), 0);
  if (count > MAX_PORTS) throw new RuleError(field, `more than ${MAX_PORTS} ports in '${text}'`);
  return items.length === 1 ? [`--${field}`, text] : ["-m multiport", `--${field}s`, text];
}

/** A protocol by its name in the node's /etc/protocols, or by its number. */
function checkProtocol(proto: string, scope: Scope): void {
  const isNumber = /^\d{1,3}$/.test(proto) && Number(proto) <= 255;
  if (!isNumber && proto !== "icmpv6" && !scope.names.protocols.has(proto)) {
    throw new RuleError("proto", `unknown protocol '${proto}'`);
  }
}

/** Arguments for protocol, ports and ICMP type in one family; undefined where it cannot match. */
function protocolArguments(
  { proto, sport, dport, icmpType }: Partial<MacroMatch>,
  family: Family,
  scope: Scope,
): readonly string[] | undefined {
  const given = { sport, dport };
  const ports = (["sport", "dport"] as const).filter((field) => given[field] !== undefined);
  const [needy] = [...ports, ...(icmpType === undefined ? [] : ["icmp-type"])];
  if (proto === undefined) {
    if (needy !== undefined) throw new RuleError(needy, `'${needy}' needs a protocol`);
    return [];
  }
  checkProtocol(proto, scope);
  const icmp = icmpArguments(proto, family, icmpType ?? dport);
  if (icmp !== "not icmp") return icmp;
  if (icmpType !== undefined) throw new RuleError("icmp-type", "'icmp-type' needs icmp or icmpv6");
  if (needy !== undefined && !PORT_PROTOCOLS.has(proto)) {
    throw new RuleError(needy, `protocol ${proto} has no ports`);
  }
  return [
    "-p",
    proto,
    ...ports.flatMap((field) => portArguments(field, given[field] ?? "", scope)),
  ];
}

/** The protocol parts of a rule: its own, or the macro's, which may not be in conflict with them. */
function protocolParts(rule: FirewallRule): readonly Partial<MacroMatch>[] {
  const part = (field: string): string | undefined => rule.match.get(field);
  const own = Object.fromEntries(
    (["proto", "sport", "dport"] as const).flatMap((field) => {
      const value = part(field);
      return value === undefined ? [] : [[field, value] as const];
    }),
  );
  const icmpType = part("icmp-type");
  if (rule.macro === undefined) return [icmpType === undefined ? own : { ...own, icmpType }];
  const macro = findMacro(rule.macro);
  if (macro === undefined) throw new RuleError("macro", `unknown macro '${rule.macro}'`);
  return macro.map((match) => {
    for (const field of ["proto", "sport", "dport"] as const) {
      const value = part(field);
      if (value !== undefined && match[field] !== undefined && match[field] !== value) {
        throw new RuleError(field, `parameter already defined by macro (= '${match[field]}')`);
      }
    }
    return { ...match, ...own };
  });
}

/** Everything that a rule matches, its interface apart; each is one iptables rule of its family. */
export function ruleMatches(rule: FirewallRule, scope: Scope): readonly Match[] {
  const sides = (["source", "dest"] as const).flatMap((field) => {
    const text = rule.match.get(field);
    return text === undefined ? [] : [addressArguments(field, text, scope)];
  });
  return protocolParts(rule).flatMap((part) =>
    FAMILIES.flatMap((family) => {
      const addresses = sides.map((side) => side.get(family));
      const protocol = protocolArguments(part, family, scope);
      if (protocol === undefined || addresses.includes(undefined)) return [];
      return [{ family, arguments: [...addresses.flatMap((side) => side ?? []), ...protocol] }];
    }),
  );
}
