/** The options of the three kinds of .fw file, and which values they take (docs/proxmox/firewall.md 2). */

/** Whose file it is: the cluster's, a node's, or a guest's. */
export type FirewallKind = "cluster" | "host" | "guest";

/** Log levels by the number that the kernel has for them. */
export const LOG_LEVELS: ReadonlyMap<string, number> = new Map(
  ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"].map((name, level) => [
    name,
    level,
  ]),
);

const LEVEL = `(?:${[...LOG_LEVELS.keys()].join("|")}|nolog)?`;
const SWITCH = "[01]";
const NUMBER = "\\d+";
const POLICY = "ACCEPT|DROP|REJECT";

const each = (pattern: string, ...names: readonly string[]): (readonly [string, RegExp])[] =>
  names.map((name) => [name, new RegExp(`^(?:${pattern})$`)] as const);

const OPTIONS: Readonly<Record<FirewallKind, ReadonlyMap<string, RegExp>>> = {
  cluster: new Map([
    ...each(NUMBER, "enable"),
    ...each(SWITCH, "ebtables"),
    ...each(POLICY, "policy_in", "policy_out"),
    ...each("ACCEPT|DROP", "policy_forward"),
    ...each("\\S+", "log_ratelimit"),
  ]),
  host: new Map([
    ...each(SWITCH, "enable", "ndp", "nftables", "nosmurfs", "tcpflags", "log_nf_conntrack"),
    ...each(SWITCH, "nf_conntrack_allow_invalid", "protection_synflood"),
    ...each(LEVEL, "log_level_in", "log_level_out", "log_level_forward"),
    ...each(LEVEL, "smurf_log_level", "tcp_flags_log_level"),
    ...each(NUMBER, "nf_conntrack_max", "nf_conntrack_tcp_timeout_established"),
    ...each(NUMBER, "nf_conntrack_tcp_timeout_syn_recv"),
    ...each(NUMBER, "protection_synflood_burst", "protection_synflood_rate"),
    ...each("[a-z0-9,-]*", "nf_conntrack_helpers"),
  ]),
  guest: new Map([
    ...each(SWITCH, "enable", "dhcp", "ndp", "radv", "macfilter", "ipfilter", "ips"),
    ...each(POLICY, "policy_in", "policy_out"),
    ...each(LEVEL, "log_level_in", "log_level_out"),
    ...each("\\d+(?::\\d+)?", "ips_queues"),
    ...each("[\\w-]+(?:,[\\w-]+)*", "layer2_protocols"),
  ]),
};

/** What is wrong with an option of such a file; undefined when nothing is. */
export function optionProblem(kind: FirewallKind, key: string, value: string): string | undefined {
  const pattern = OPTIONS[kind].get(key);
  if (pattern === undefined) return `unknown option '${key}'`;
  return pattern.test(value) ? undefined : `option '${key}' does not take the value '${value}'`;
}
