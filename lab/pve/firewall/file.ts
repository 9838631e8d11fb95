/** .fw files: what a node reads strictly, line by line, and what its API writes (docs/proxmox/firewall.md 3). */
import { MAX_GROUP_NAME, MAX_NAME, NAME, parseCidr } from "./address";
import { optionProblem, type FirewallKind } from "./options";
import { formatRule, oneLine, parseRule, splitComment, withComment } from "./rule";
import type { FirewallRule } from "./rule";

/** A named address. */
export interface FirewallAlias {
  readonly name: string;
  readonly cidr: string;
  readonly comment: string;
}

/** One entry of a set: an address, a network, or an alias. */
export interface FirewallEntry {
  readonly cidr: string;
  readonly nomatch: boolean;
  readonly comment: string;
}

/** A named set of addresses. */
export interface FirewallIpset {
  readonly name: string;
  readonly comment: string;
  readonly entries: readonly FirewallEntry[];
}

/** A security group: rules that a GROUP rule brings in. */
export interface FirewallGroup {
  readonly name: string;
  readonly comment: string;
  readonly rules: readonly FirewallRule[];
}

/** One line that a node does not take, and why. */
export interface FirewallProblem {
  /** From 1; undefined when it is not about one line. */
  readonly line: number | undefined;
  readonly text: string;
  readonly reason: string;
}

/** A whole file. */
export interface FirewallFile {
  readonly options: ReadonlyMap<string, string>;
  readonly aliases: readonly FirewallAlias[];
  readonly ipsets: readonly FirewallIpset[];
  readonly rules: readonly FirewallRule[];
  readonly groups: readonly FirewallGroup[];
  readonly problems: readonly FirewallProblem[];
}

interface Draft {
  readonly options: Map<string, string>;
  readonly aliases: FirewallAlias[];
  readonly ipsets: (FirewallIpset & { readonly entries: FirewallEntry[] })[];
  readonly rules: FirewallRule[];
  readonly groups: (FirewallGroup & { readonly rules: FirewallRule[] })[];
}

/** Takes one line of a section; the reason when it does not fit there. */
type LineReader = (line: string, number: number) => string | undefined;

const has = (list: readonly { readonly name: string }[], name: string): boolean =>
  list.some((entry) => entry.name === name);

const optionsReader =
  ({ options }: Draft, kind: FirewallKind): LineReader =>
  (line) => {
    const [, key, value = ""] = /^([a-z_0-9]+):\s*(\S.*?)?\s*$/i.exec(line) ?? [];
    if (key === undefined) return "unable to parse option";
    if (options.has(key)) return `duplicate option '${key}'`;
    const problem = optionProblem(kind, key, value);
    if (problem === undefined) options.set(key, value);
    return problem;
  };

const aliasReader =
  ({ aliases }: Draft): LineReader =>
  (line) => {
    const [text, comment] = splitComment(line);
    const [, name, cidr] = new RegExp(`^(${NAME})\\s(\\S+)$`).exec(text) ?? [];
    if (name === undefined || cidr === undefined) return "unable to parse alias";
    const known = name.toLowerCase();
    const problem = nameProblem("alias", known, MAX_NAME, aliases);
    if (problem !== undefined) return problem;
    if (parseCidr(cidr) === undefined) return `invalid address '${cidr}'`;
    aliases.push({ name: known, cidr, comment });
    return undefined;
  };

const rulesReader =
  (rules: FirewallRule[], kind: FirewallKind, inGroup = false): LineReader =>
  (line, number) => {
    const rule = parseRule(line);
    if (rule === undefined) return "unable to parse rule";
    if (rule.type === "forward" && kind === "guest") return "forward rules are not allowed here";
    if (rule.type === "group" && inGroup) return "a group in a group is not allowed";
    rules.push({ ...rule, line: number });
    return undefined;
  };

const entriesReader =
  (entries: FirewallEntry[]): LineReader =>
  (line) => {
    const [text, comment] = splitComment(line);
    const [, not, cidr] = /^(!)?\s*(\S+)$/.exec(text) ?? [];
    if (cidr === undefined) return "unable to parse set entry";
    const network = parseCidr(cidr);
    const isAlias = new RegExp(`^(?:(?:dc|guest)/)?${NAME}$`).test(cidr);
    if (network === undefined && !isAlias) return `invalid address '${cidr}'`;
    if (network?.prefix === 0) return `a set takes no network with a prefix of 0: '${cidr}'`;
    const known = cidr.replace(network?.family === 6 ? /\/128$/ : /\/32$/, "");
    if (entries.some((entry) => entry.cidr === known)) return `duplicate set entry '${known}'`;
    entries.push({ cidr: known, nomatch: not !== undefined, comment });
    return undefined;
  };

/** Why a name cannot be one of these; undefined when it can. */
function nameProblem(
  what: string,
  name: string,
  longest: number,
  present: readonly { readonly name: string }[],
): string | undefined {
  if (!new RegExp(`^${NAME}$`).test(name)) return `invalid ${what} name '${name}'`;
  if (name.length > longest) return `${what} '${name}' is longer than ${longest} characters`;
  return has(present, name) ? `duplicate ${what} '${name}'` : undefined;
}

function openIpset({ ipsets }: Draft, written: string, comment: string): LineReader | string {
  const name = written.toLowerCase();
  const problem = nameProblem("set", name, MAX_NAME, ipsets);
  if (problem !== undefined) return problem;
  const entries: FirewallEntry[] = [];
  ipsets.push({ name, comment, entries });
  return entriesReader(entries);
}

function openGroup({ groups }: Draft, written: string, comment: string): LineReader | string {
  const name = written.toLowerCase();
  const problem = nameProblem("group", name, MAX_GROUP_NAME, groups);
  if (problem !== undefined) return problem;
  const rules: FirewallRule[] = [];
  groups.push({ name, comment, rules });
  return rulesReader(rules, "cluster", true);
}

/** The sections that each kind of file may have. */
const SECTIONS: Readonly<Record<FirewallKind, readonly string[]>> = {
  cluster: ["OPTIONS", "ALIASES", "IPSET", "RULES", "GROUP"],
  host: ["OPTIONS", "RULES"],
  guest: ["OPTIONS", "ALIASES", "IPSET", "RULES"],
};

/** Opens the section of a header; a text is the reason why it cannot be. */
function openSection(draft: Draft, kind: FirewallKind, header: string): LineReader | string {
  const [, word = "", name, comment = ""] =
    /^\[([A-Za-z]+)(?:\s+([^\]\s]+))?\]\s*(?:#\s*(.*))?$/.exec(header) ?? [];
  const section = word.toUpperCase();
  const isNamed = section === "IPSET" || section === "GROUP";
  if (!SECTIONS[kind].includes(section) || isNamed !== (name !== undefined)) {
    return `section '${header}' is not known here`;
  }
  if (name !== undefined)
    return (section === "IPSET" ? openIpset : openGroup)(draft, name, comment);
  if (section === "OPTIONS") return optionsReader(draft, kind);
  return section === "RULES" ? rulesReader(draft.rules, kind) : aliasReader(draft);
}

/** Reads a file; lines that a node would not take are left out and listed in `problems`. */
export function parseFirewall(text: string, kind: FirewallKind): FirewallFile {
  const draft: Draft = { options: new Map(), aliases: [], ipsets: [], rules: [], groups: [] };
  const problems: FirewallProblem[] = [];
  let reader: LineReader | string = "line before any section";
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const isHeader = line.startsWith("[");
    if (isHeader) reader = openSection(draft, kind, line);
    const reason =
      typeof reader === "string" ? reader : isHeader ? undefined : reader(line, index + 1);
    if (reason !== undefined) problems.push({ line: index + 1, text: line, reason });
  }
  return { ...draft, problems };
}

/** The text of a file; empty sections are left out. */
export function formatFirewall(file: FirewallFile): string {
  const sections: string[][] = [];
  const add = (title: string, lines: readonly string[]): void => {
    if (lines.length > 0) sections.push([title, "", ...lines]);
  };
  add(
    "[OPTIONS]",
    [...file.options].sort().map(([key, value]) => `${key}: ${oneLine(value)}`),
  );
  add(
    "[ALIASES]",
    file.aliases.map(({ name, cidr, comment }) => withComment(`${name} ${cidr}`, comment)),
  );
  for (const { name, comment, entries } of file.ipsets) {
    const lines = entries.map((entry) =>
      withComment(`${entry.nomatch ? "!" : ""}${entry.cidr}`, entry.comment),
    );
    sections.push([withComment(`[IPSET ${name}]`, comment), "", ...lines]);
  }
  add("[RULES]", file.rules.map(formatRule));
  for (const { name, comment, rules } of file.groups) {
    sections.push([withComment(`[group ${name}]`, comment), "", ...rules.map(formatRule)]);
  }
  return sections.map((lines) => `${lines.join("\n")}\n`).join("\n");
}
