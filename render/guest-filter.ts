/**
 * The filter of a macvlan interface, inside its guest: no rule of Proxmox can reach such a port
 * (docs/proxmox/firewall.md 1). It sees packets before the guest's own address translation, as a filter on the
 * node would, so a port that a container engine publishes does not slip past it.
 */
import type { Firewall, FirewallRule, PublicInterface } from "../model/public-interface";
import { publicNic } from "../model/public-interface";
import { portsOf } from "../model/macros";
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

function sets({ ipsets }: Firewall): readonly string[] {
  return Object.entries(ipsets)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, entries]) => {
      const part = (kind: string, listed: readonly string[]) =>
        block(`set ${setName(name, kind)} {`, [
          "type ipv4_addr",
          "flags interval",
          "auto-merge",
          ...(listed.length === 0 ? [] : [`elements = { ${listed.join(", ")} }`]),
        ]);
      const out = entries.filter((entry) => entry.startsWith("!")).map((entry) => entry.slice(1));
      return [
        ...part(
          "in",
          entries.filter((entry) => !entry.startsWith("!")),
        ),
        ...(out.length === 0 ? [] : part("out", out)),
        "",
      ];
    });
}

function setName(name: string, kind: string): string {
  return `${name.replaceAll("-", "_")}_${kind}`;
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

/** One line for each service that the rule means; a rule that is off has none. */
function renderRule(rule: FirewallRule, firewall: Firewall): readonly string[] {
  if (!rule.enabled) return [];
  const { macro, protocol, port, sourcePort, icmpType, action, log, comment, direction } = rule;
  const where = [
    ...addresses("saddr", rule.source, firewall),
    ...addresses("daddr", rule.destination, firewall),
  ];
  const services =
    macro === undefined
      ? [protocol === undefined ? [] : match(protocol, { port, sourcePort, icmpType })]
      : (portsOf(macro) ?? []).map((one) =>
          match(one.protocol, {
            port: one.ports,
            ...(one.protocol === "icmp" ? { icmpType: "echo-request" } : {}),
          }),
        );
  const tail = comment === undefined ? [] : [`comment "${quoted(comment)}"`];
  return services.map((service) =>
    [
      ...where,
      ...service,
      ...verdict(action, log ?? "nolog", direction === "in" ? "incoming" : "outgoing"),
      ...tail,
    ].join(" "),
  );
}

interface Match {
  readonly port?: string | undefined;
  readonly sourcePort?: string | undefined;
  readonly icmpType?: string | undefined;
}

function match(protocol: string, { port, sourcePort, icmpType }: Match): readonly string[] {
  if (protocol === "icmp")
    return icmpType === undefined ? ["meta l4proto icmp"] : [`icmp type ${icmpType}`];
  const ports = (text: string) => `{ ${text.replaceAll(":", "-").split(",").join(", ")} }`;
  const words = [
    ...(sourcePort === undefined ? [] : [`${protocol} sport ${ports(sourcePort)}`]),
    ...(port === undefined ? [] : [`${protocol} dport ${ports(port)}`]),
  ];
  return words.length === 0 ? [`meta l4proto ${protocol}`] : words;
}

function addresses(
  side: "saddr" | "daddr",
  text: string | undefined,
  firewall: Firewall,
): readonly string[] {
  if (text === undefined) return [];
  const name = text.replace(/^\+?(guest\/)?/, "");
  if (text.startsWith("+")) {
    const entries = firewall.ipsets[name] ?? [];
    const within = `ip ${side} @${setName(name, "in")}`;
    return entries.some((entry) => entry.startsWith("!"))
      ? [within, `ip ${side} != @${setName(name, "out")}`]
      : [within];
  }
  const listed = firewall.aliases[name] ?? text;
  return [`ip ${side} { ${listed.split(",").join(", ")} }`];
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

function quoted(text: string): string {
  return text.replace(/["\\]/g, "'").slice(0, 120);
}

function block(head: string, lines: readonly string[]): readonly string[] {
  return [head, ...indent(lines), "}"];
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === "" ? "" : `  ${line}`));
}
