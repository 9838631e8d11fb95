/**
 * The `.fw` file of one guest, for the stricter of Proxmox's two readers: one value for an option, no
 * blanks in lists, `netN` alone, actions in upper case (docs/proxmox/firewall.md 3).
 */
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
      byName(aliases).map(([name, address]) => `${word(name)} ${word(address)}`),
    ),
    ...byName(ipsets).flatMap(([name, entries]) => [
      "",
      `[IPSET ${word(name)}]`,
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

function rules({ rules: declared, open, ping }: Firewall): readonly string[] {
  return [
    ...declared.map(renderRule),
    ...open.map((port) => `IN ACCEPT -i ${nic} -p tcp -dport ${port}`),
    ...(ping ? [`IN Ping(ACCEPT) -i ${nic}`] : []),
  ];
}

function renderRule(rule: FirewallRule): string {
  const { direction, action, macro, comment, enabled } = rule;
  const words = [
    `${enabled ? "" : "|"}${direction.toUpperCase()}`,
    macro === undefined ? action : `${word(macro)}(${action})`,
    ...option("-i", nic),
    ...option("-p", rule.protocol),
    ...option("-icmp-type", rule.icmpType),
    ...option("-source", rule.source),
    ...option("-dest", rule.destination),
    ...option("-sport", rule.sourcePort),
    ...option("-dport", rule.port),
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
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** One word of a line: what could end it is refused, whatever the schema let through. */
function word(text: string): string {
  if (!/^[\w.:/,+!-]+$/.test(text))
    throw new Error(`${JSON.stringify(text)} cannot stand in a .fw file`);
  return text;
}

/** The text of a comment, which reaches as far as the end of its line. */
function line(text: string): string {
  if (/[\p{C}#[\]]/u.test(text))
    throw new Error(`${JSON.stringify(text)} is no comment of one line`);
  return text;
}
