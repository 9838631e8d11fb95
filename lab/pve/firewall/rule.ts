/** One rule line of a .fw file (docs/proxmox/firewall.md 3). */

/** One rule; empty fields are left out. `action` is a group's name when `type` is `group`. */
export interface FirewallRule {
  readonly type: "in" | "out" | "forward" | "group";
  readonly action: string;
  readonly enable: boolean;
  readonly macro?: string;
  readonly comment?: string;
  /** iface, proto, source, dest, sport, dport, log, icmp-type. */
  readonly match: ReadonlyMap<string, string>;
  /** Where the rule stood when it was read, from 1. */
  readonly line?: number;
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

/** One or two dashes; -p and -i have one. */
const FIELD_OF: ReadonlyMap<string, string> = new Map<string, string>([
  ...MATCHES.map(([field, flag]) => [flag, field] as const),
  ...MATCHES.filter(([, flag]) => flag.length > 2).map(
    ([field, flag]) => [`-${flag}`, field] as const,
  ),
  ["-proto", "proto"],
  ["--proto", "proto"],
]);

const TYPES = ["in", "out", "forward", "group"] as const;

/** A line without its trailing comment, and the comment. */
export function splitComment(line: string): [string, string] {
  const at = line.indexOf("#");
  return at < 0 ? [line.trim(), ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}

/** Fields with one blank before each value; undefined for anything else, and for a field that is repeated. */
function parseMatch(text: string): Map<string, string> | undefined {
  const match = new Map<string, string>();
  for (let rest = text; rest !== "";) {
    const [all = "", flag = "", value = ""] = /^(\S+) (\S+)\s*/.exec(rest) ?? [];
    const field = FIELD_OF.get(flag);
    if (field === undefined || match.has(field)) return undefined;
    match.set(field, value);
    rest = rest.slice(all.length);
  }
  return match;
}

/** The action, and the macro before it; a group's name where the rule is one. */
function parseAction(
  type: FirewallRule["type"],
  text: string,
): Pick<FirewallRule, "action" | "macro"> | undefined {
  if (type === "group") return /^[A-Za-z][\w-]+$/.test(text) ? { action: text } : undefined;
  const [, macro, inside, alone = inside] =
    /^(?:([A-Za-z][\w-]*)\((ACCEPT|DROP|REJECT)\)|(ACCEPT|DROP|REJECT))$/.exec(text) ?? [];
  if (alone === undefined) return undefined;
  return { action: alone, ...(macro === undefined ? {} : { macro }) };
}

/** A rule's type, whether it is on, and the rest of its line. */
function parseHead(text: string) {
  const [, off, word = "", action = "", rest = ""] =
    /^(\|?)([^\s|]\S*)\s+(\S+)\s*(.*)$/.exec(text) ?? [];
  const type = TYPES.find((name) => name === word.toLowerCase());
  return type === undefined ? undefined : { type, enable: off === "", action, rest };
}

/** Reads one rule line; undefined when its grammar is wrong. */
export function parseRule(line: string): FirewallRule | undefined {
  const [text, comment] = splitComment(line);
  const head = parseHead(text);
  if (head === undefined) return undefined;
  const { type, enable, rest } = head;
  const action = parseAction(type, head.action);
  const match = parseMatch(rest);
  if (action === undefined || match === undefined) return undefined;
  if (type === "group" && [...match.keys()].some((field) => field !== "iface")) return undefined;
  return { type, enable, ...action, match, ...(comment === "" ? {} : { comment }) };
}

/** One line, whatever the value holds: newlines would start a rule of their own. */
export const oneLine = (text: string): string => text.replace(/[\r\n]+/g, " ").trim();

/** A line with its comment behind it; an empty one is left out. */
export const withComment = (text: string, comment: string | undefined): string =>
  oneLine(comment ?? "") === "" ? text : `${text} # ${oneLine(comment ?? "")}`;

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
