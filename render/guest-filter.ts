/**
 * The filter of a macvlan interface, inside its guest: no rule of Proxmox can reach such a port
 * (docs/proxmox/firewall.md 1). It sees packets before the guest's own address translation, as a filter on the
 * node would, so a port that a container engine publishes does not slip past it.
 */
import type { Firewall, FirewallRule, PublicInterface } from "../model/public-interface";
import { publicNic } from "../model/public-interface";
import { guestSets, ruleMatches } from "./guest-filter-rules";
import { header, toText } from "./header";

/** The guest's inner interface. */
const inner = "eth0";
const table = "inet proximity_public";

/** The complete file: replaces the own table in one transaction and leaves other tables alone. */
export function renderGuestFilter({ firewall, ip }: PublicInterface): string {
  return toText([
    "#!/usr/sbin/nft -f",
    header("#"),
    `table ${table}`,
    `delete table ${table}`,
    `table ${table} {`,
    ...indent([...sets(firewall), ...incoming(firewall, ip.address), "", ...outgoing(firewall)]),
    "}",
  ]);
}

function sets(firewall: Firewall): readonly string[] {
  return guestSets(firewall).flatMap(({ name, type, elements }) => [
    ...block(`set ${name} {`, [
      `type ${type}`,
      "flags interval",
      ...(elements.length === 0 ? [] : [`elements = { ${elements.join(", ")} }`]),
    ]),
    "",
  ]);
}

function incoming(firewall: Firewall, address: string): readonly string[] {
  const { open, ping, rules, policyIn, logIn } = firewall;
  const first = [
    "type filter hook prerouting priority mangle; policy accept;",
    "# The address belongs to one interface; who asks for it on the inner one goes around the filter.",
    `iifname "${inner}" ip daddr ${address} drop`,
    `iifname != "${publicNic.name}" accept`,
    "ct state established,related accept",
    "ct state invalid drop",
    "udp sport 67 udp dport 68 accept",
    "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, packet-too-big } accept",
    "icmp type { destination-unreachable, time-exceeded } accept",
  ];
  return block("chain incoming {", [
    ...first,
    ...rules
      .filter(({ direction }) => direction === "in")
      .flatMap((rule) => renderRule(rule, firewall)),
    ...(open.length === 0 ? [] : [`tcp dport { ${open.join(", ")} } accept`]),
    ...(ping ? ["icmp type echo-request accept"] : []),
    ...verdict(policyIn, logIn, "incoming"),
  ]);
}

function outgoing(firewall: Firewall): readonly string[] {
  const { rules, policyOut, logOut } = firewall;
  const own = [
    `oifname != "${publicNic.name}" accept`,
    "ct state established,related accept",
    ...rules
      .filter(({ direction }) => direction === "out")
      .flatMap((rule) => renderRule(rule, firewall)),
    ...verdict(policyOut, logOut, "outgoing"),
  ];
  return [
    ...block("chain leaving {", own),
    "",
    ...block("chain outgoing {", [
      "type filter hook output priority mangle; policy accept;",
      "jump leaving",
    ]),
    "",
    ...block("chain passing {", [
      "type filter hook forward priority mangle; policy accept;",
      "jump leaving",
    ]),
  ];
}

/** One line for each thing that the rule matches; a rule that is off has none. */
function renderRule(rule: FirewallRule, firewall: Firewall): readonly string[] {
  if (!rule.enabled) return [];
  const { action, log, comment, direction } = rule;
  const chain = direction === "in" ? "incoming" : "outgoing";
  const tail = [
    ...verdict(action, log ?? "nolog", chain),
    ...(comment === undefined ? [] : [`comment "${quoted(comment)}"`]),
  ];
  return ruleMatches(rule, firewall).map((match) =>
    [...(match === "" ? [] : [match]), ...tail].join(" "),
  );
}

const levels: Readonly<Record<string, string>> = { warning: "warn" };

/** Accepting, dropping or refusing, with a line in the kernel's log before where that is wanted. */
function verdict(action: Firewall["policyIn"], log: string, chain: string): readonly string[] {
  const logged =
    log === "nolog"
      ? []
      : [`log prefix "proximity ${chain} ${action}: " level ${levels[log] ?? log}`];
  const word =
    action === "REJECT" ? "reject with icmpx type admin-prohibited" : action.toLowerCase();
  return [[...logged, word].join(" ")];
}

/** The longest comment that nftables takes, in bytes. */
const longestComment = 127;

function quoted(text: string): string {
  const bytes = Buffer.from(text.replace(/["\\]/g, "'")).subarray(0, longestComment);
  // A character that was cut in two becomes the replacement character, and goes.
  return bytes.toString().replace(/\uFFFD+$/, "");
}

function block(head: string, lines: readonly string[]): readonly string[] {
  return [head, ...indent(lines), "}"];
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === "" ? "" : `  ${line}`));
}
