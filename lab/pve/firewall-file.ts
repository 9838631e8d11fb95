/** The grammar of .fw files (proxmox.md 3): what a node reads and what its API writes. */

/** One rule; empty fields are left out. `action` is a group's name when `type` is `group`. */
export interface FirewallRule {
  readonly type: "in" | "out" | "forward" | "group";
  readonly action: string;
  readonly enable: boolean;
  readonly macro?: string;
  readonly comment?: string;
  /** iface, proto, source, dest, sport, dport, log, icmp-type. */
  readonly match: ReadonlyMap<string, string>;
}

/** A named address. */
export interface FirewallAlias {
  readonly name: string;
  readonly cidr: string;
  readonly comment: string;
}

/** A named set of addresses. */
export interface FirewallIpset {
  readonly name: string;
  readonly comment: string;
  readonly entries: readonly {
    readonly cidr: string;
    readonly nomatch: boolean;
    readonly comment: string;
  }[];
}

/** A whole file. */
export interface FirewallFile {
  readonly options: ReadonlyMap<string, string>;
  readonly aliases: readonly FirewallAlias[];
  readonly ipsets: readonly FirewallIpset[];
  readonly rules: readonly FirewallRule[];
  /** Lines that a node would complain about and drop. */
  readonly ignored: readonly string[];
}

/** Match fields by the option that carries them, in the order in which Proxmox writes them. */
const MATCHES = [
  ["iface", "-i"],
  ["source", "-source"],
  ["dest", "-dest"],
  ["proto", "-p"],
  ["dport", "-dport"],
  ["sport", "-sport"],
  ["icmp-type", "-icmp-type"],
  ["log", "-log"],
] as const;

/** The names of the match fields of a rule. */
export const MATCH_FIELDS: readonly string[] = MATCHES.map(([field]) => field);

const FIELD_OF: ReadonlyMap<string, string> = new Map<string, string>([
  ...MATCHES.map(([field, flag]) => [flag, field] as const),
  ...MATCHES.map(([field, flag]) => [`-${flag}`, field] as const),
  ["-proto", "proto"],
  ["--proto", "proto"],
]);

const TYPES = ["in", "out", "forward", "group"] as const;

function splitComment(line: string): [string, string] {
  const at = line.indexOf("#");
  return at < 0 ? [line.trim(), ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}

function parseMatch(words: readonly string[]): Map<string, string> | undefined {
  const match = new Map<string, string>();
  for (let at = 0; at < words.length; at += 2) {
    const field = FIELD_OF.get(words[at] ?? "");
    const value = words[at + 1];
    if (field === undefined || value === undefined || match.has(field)) return undefined;
    match.set(field, value);
  }
  return match;
}

/** Reads one rule line; undefined when its grammar is wrong. */
export function parseRule(line: string): FirewallRule | undefined {
  const [text, comment] = splitComment(line);
  const enable = !text.startsWith("|");
  const [word = "", action = "", ...rest] = text.replace(/^\|/, "").split(" ");
  const type = TYPES.find((name) => name === word.toLowerCase());
  const match = parseMatch(rest);
  if (type === undefined || match === undefined) return undefined;
  const base = { type, enable, match, ...(comment === "" ? {} : { comment }) };
  if (type === "group") return /^[A-Za-z][\w-]+$/.test(action) ? { ...base, action } : undefined;
  const parts = /^(?:([A-Za-z][\w-]*)\()?(ACCEPT|DROP|REJECT)(\))?$/.exec(action);
  if (parts?.[2] === undefined || (parts[1] === undefined) !== (parts[3] === undefined)) {
    return undefined;
  }
  return { ...base, action: parts[2], ...(parts[1] === undefined ? {} : { macro: parts[1] }) };
}

interface Draft {
  readonly options: Map<string, string>;
  readonly aliases: FirewallAlias[];
  readonly ipsets: { name: string; comment: string; entries: FirewallIpset["entries"][number][] }[];
  readonly rules: FirewallRule[];
}

/** How each section reads a line; false when it does not fit there. */
const SECTIONS: ReadonlyMap<string, (draft: Draft, line: string) => boolean> = new Map([
  ["OPTIONS", readOption],
  ["ALIASES", readAlias],
  ["RULES", readRule],
  ["IPSET", readEntry],
]);

function readOption(draft: Draft, line: string): boolean {
  const pair = /^([a-z_0-9]+):\s*(\S.*?)?\s*$/i.exec(line);
  if (pair?.[1] === undefined) return false;
  draft.options.set(pair[1].toLowerCase(), pair[2] ?? "");
  return true;
}

function readAlias(draft: Draft, line: string): boolean {
  const [text, comment] = splitComment(line);
  const pair = /^([A-Za-z][\w-]+)\s(\S+)$/.exec(text);
  if (pair?.[1] === undefined || pair[2] === undefined) return false;
  draft.aliases.push({ name: pair[1], cidr: pair[2], comment });
  return true;
}

function readRule(draft: Draft, line: string): boolean {
  const rule = parseRule(line);
  if (rule !== undefined) draft.rules.push(rule);
  return rule !== undefined;
}

function readEntry(draft: Draft, line: string): boolean {
  const [text, comment] = splitComment(line);
  const entry = /^(!)?\s*(\S+)$/.exec(text);
  const ipset = draft.ipsets.at(-1);
  if (entry?.[2] === undefined || ipset === undefined) return false;
  ipset.entries.push({ cidr: entry[2], nomatch: entry[1] !== undefined, comment });
  return true;
}

/** Reads a file; lines of a wrong grammar are collected in `ignored`. */
export function parseFirewall(text: string): FirewallFile {
  const draft: Draft = { options: new Map(), aliases: [], ipsets: [], rules: [] };
  const ignored: string[] = [];
  let section = "";
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const header = /^\[(OPTIONS|ALIASES|RULES|IPSET)(?:\s+([^\]\s]+))?\]\s*(?:#\s*(.*))?$/i.exec(
      line,
    );
    if (header?.[1] !== undefined) {
      section = header[1].toUpperCase();
      if (section === "IPSET") {
        draft.ipsets.push({ name: header[2] ?? "", comment: header[3] ?? "", entries: [] });
      }
    } else if (line.startsWith("[")) {
      section = "";
      ignored.push(line);
    } else if (SECTIONS.get(section)?.(draft, line) !== true) {
      ignored.push(line);
    }
  }
  return { ...draft, ignored };
}

/** One line, whatever the value holds: newlines would start a rule of their own. */
const oneLine = (text: string): string => text.replace(/[\r\n]+/g, " ").trim();
const withComment = (text: string, comment: string | undefined): string =>
  comment === undefined || comment === "" ? text : `${text} # ${oneLine(comment)}`;

/** The line of one rule. */
export function formatRule(rule: FirewallRule): string {
  const action = rule.macro === undefined ? rule.action : `${rule.macro}(${rule.action})`;
  const matches = MATCHES.flatMap(([field, flag]) => {
    const value = rule.match.get(field);
    return value === undefined || value === "" ? [] : [`${flag} ${oneLine(value)}`];
  });
  const text = [`${rule.enable ? "" : "|"}${rule.type.toUpperCase()}`, action, ...matches].join(
    " ",
  );
  return withComment(text, rule.comment);
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
  return sections.map((lines) => `${lines.join("\n")}\n`).join("\n");
}
