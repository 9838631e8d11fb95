/**
 * The `.fw` file of one guest, for the stricter of Proxmox's two readers: one value for an option, no
 * blanks in lists, `netN` alone, actions in upper case, names in lower case, ports and networks in numbers
 * (docs/proxmox/firewall.md 3).
 */
import { meaningOf, type Match } from "../model/firewall/meaning";
import { publicNic, type Firewall, type FirewallRule } from "../model/public-interface";
import { toText } from "./header";

const nic = `net${publicNic.index}`;

/** The whole file, without the first line that says who wrote it: that one carries its digest. */
export function renderPveFirewall(firewall: Firewall): string {
  const { aliases, ipsets } = firewall;
  return toText([
    "[OPTIONS]",
    ...options(firewall),
    ...section(
      "[ALIASES]",
      byName(aliases).map(([name, address]) => `${word(name.toLowerCase())} ${word(address)}`),
    ),
    ...byName(ipsets).flatMap(([name, entries]) => [
      "",
      `[IPSET ${word(name.toLowerCase())}]`,
      ...entries.map(word),
    ]),
    ...section("[RULES]", rules(firewall)),
  ]);
}

function options(firewall: Firewall): readonly string[] {
  const flag = (on: boolean) => (on ? "1" : "0");
  return [
    "enable: 1",
    "dhcp: 1",
    "ndp: 1",
    `macfilter: ${flag(firewall.macfilter)}`,
    `ipfilter: ${flag(firewall.ipfilter)}`,
    `policy_in: ${firewall.policyIn}`,
    `policy_out: ${firewall.policyOut}`,
    `log_level_in: ${firewall.logIn}`,
    `log_level_out: ${firewall.logOut}`,
  ];
}

function rules(firewall: Firewall): readonly string[] {
  const { rules: declared, open, ping } = firewall;
  return [
    ...declared.flatMap((rule) =>
      matchesOf(rule, firewall).map((match) => renderRule(rule, match)),
    ),
    ...open.map((port) => `IN ACCEPT -i ${nic} -p tcp -dport ${port}`),
    ...(ping ? [`IN Ping(ACCEPT) -i ${nic}`] : []),
  ];
}

type Written = Pick<FirewallRule, "macro" | "icmpType" | "port" | "sourcePort"> & {
  readonly protocol?: string | undefined;
};

/** A rule as it is, or its macro's matches: Proxmox's reader for nftables ignores what is added to a macro. */
function matchesOf(rule: FirewallRule, firewall: Firewall): readonly Written[] {
  const meaning = meaningOf(rule, firewall);
  if ("problem" in meaning) throw new Error(`a rule was accepted though ${meaning.problem}`);
  if (rule.macro === undefined) return [rule];
  const isMore = rule.port !== undefined || rule.sourcePort !== undefined;
  return isMore ? meaning.map(written) : [{ macro: rule.macro }];
}

function written({ protocol, ...rest }: Match): Written {
  return { ...rest, protocol: protocol?.name };
}

function renderRule(rule: FirewallRule, match: Written): string {
  const { direction, action, comment, enabled } = rule;
  const words = [
    `${enabled ? "" : "|"}${direction.toUpperCase()}`,
    match.macro === undefined ? action : `${word(match.macro)}(${action})`,
    ...option("-i", nic),
    ...option("-p", match.protocol),
    ...option("-icmp-type", match.icmpType),
    ...option("-source", rule.source),
    ...option("-dest", rule.destination),
    ...option("-sport", match.sourcePort),
    ...option("-dport", match.port),
    ...option("-log", rule.log),
    ...(comment === undefined ? [] : ["#", line(comment)]),
  ];
  return words.join(" ");
}

function option(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, word(value)];
}

function section(head: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", head, ...lines];
}

function byName<T>(record: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  return Object.entries(record).sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
}

/** One word of a line: what could end it is refused, whatever the schema let through. */
function word(text: string): string {
  if (!/^[\w.:/,+!-]+$/.test(text))
    throw new Error(`${JSON.stringify(text)} cannot stand in a .fw file`);
  return text;
}

/** The text of a comment, which reaches as far as the end of its line. */
function line(text: string): string {
  if (/\p{C}/u.test(text)) throw new Error(`${JSON.stringify(text)} is no comment of one line`);
  return text;
}
