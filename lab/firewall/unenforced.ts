/** What Proxmox's firewall does and the lab's does not: refused aloud, since silence would pass for success. */
import type { FirewallFile, FirewallProblem } from "../pve/firewall/file";
import type { FirewallKind } from "../pve/firewall/options";

/** Options that the lab does not enforce, with the values that ask for nothing: Proxmox's defaults. */
const DEFAULTS: Readonly<Record<FirewallKind, ReadonlyMap<string, string>>> = {
  cluster: new Map([
    ["policy_forward", "ACCEPT"],
    ["log_ratelimit", "enable=1,rate=1/second,burst=5"],
  ]),
  host: new Map([
    ["log_level_forward", "nolog"],
    ["log_nf_conntrack", "0"],
    ["nf_conntrack_allow_invalid", "0"],
    ["nf_conntrack_helpers", ""],
    ["nf_conntrack_max", "262144"],
    ["nf_conntrack_tcp_timeout_established", "432000"],
    ["nf_conntrack_tcp_timeout_syn_recv", "60"],
    ["nftables", "0"],
    ["nosmurfs", "1"],
    ["protection_synflood", "0"],
    ["protection_synflood_burst", "1000"],
    ["protection_synflood_rate", "200"],
    ["smurf_log_level", "nolog"],
    ["tcp_flags_log_level", "nolog"],
    ["tcpflags", "0"],
  ]),
  guest: new Map([
    ["ips", "0"],
    ["ips_queues", ""],
    ["layer2_protocols", ""],
  ]),
};

/** Why the lab refuses an option's value; undefined when it enforces it, or when it asks for nothing. */
export function unenforcedOption(
  kind: FirewallKind,
  key: string,
  value: string,
): string | undefined {
  const harmless = DEFAULTS[kind].get(key);
  if (harmless === undefined || value === harmless) return undefined;
  return `option '${key}' is not enforced by the lab: leave it out, or at ${harmless || "nothing"}`;
}

/** Why the lab refuses a direction of rules; undefined for those that it enforces. */
export const unenforcedType = (type: string): string | undefined =>
  type === "forward" ? "forward rules are not enforced by the lab" : undefined;

/** Everything in a file that would be without effect. */
export function unenforced(file: FirewallFile, kind: FirewallKind): readonly FirewallProblem[] {
  const options = [...file.options].flatMap(([key, value]): FirewallProblem[] => {
    const reason = unenforcedOption(kind, key, value);
    return reason === undefined ? [] : [{ line: undefined, text: `${key}: ${value}`, reason }];
  });
  const rules = [...file.rules, ...file.groups.flatMap((group) => group.rules)];
  const forward = rules.flatMap(({ type, action, line }): FirewallProblem[] => {
    const reason = unenforcedType(type);
    return reason === undefined ? [] : [{ line, text: `${type.toUpperCase()} ${action}`, reason }];
  });
  return [...options, ...forward];
}
