/** Rules of .fw files as lines of a chain. */
import type { FirewallGroup } from "../pve/firewall/file";
import { LOG_LEVELS } from "../pve/firewall/options";
import type { FirewallRule } from "../pve/firewall/rule";
import type { Chains } from "./chains";
import { ruleMatches } from "./match";
import { RuleError, type Scope } from "./scope";

/** Inwards or outwards, as seen from the guest or the node. */
export type Direction = "in" | "out";

/** A chain that rules are written into. */
export interface RuleChain {
  readonly chains: Chains;
  readonly name: string;
  /** Whose traffic it is in the log; 0 is the node. */
  readonly vmid: number;
  readonly direction: Direction;
  /** What lets a packet pass here. */
  readonly accept: "ACCEPT" | "RETURN";
  /** The argument for a rule's interface; undefined when the rule is not about this chain. */
  readonly iface: (name: string) => string | undefined;
}

/** The line that logs what matches, not more than one packet a second after five; none for `nolog`. */
export function logLine(chain: RuleChain, match: string, level: string, what: string): string[] {
  const number = LOG_LEVELS.get(level);
  if (number === undefined) return [];
  const prefix = `:${chain.vmid}:${number}:${chain.name}: ${what}: `;
  const limit = "-m limit --limit 1/second --limit-burst 5";
  return [`${match}${limit} -j NFLOG --nflog-prefix "${prefix}"`];
}

const target = (chain: RuleChain, action: string): string =>
  action === "ACCEPT" ? `-j ${chain.accept}` : action === "REJECT" ? "-j PVEFW-reject" : "-j DROP";

/** Throws a RuleError for a rule that parses but cannot be. */
export function checkRule(rule: FirewallRule, scope: Scope): void {
  const iface = rule.match.get("iface");
  const form = scope.kind === "guest" ? /^net\d+$/ : /^[\w.:+-]{1,15}$/;
  if (iface !== undefined && !form.test(iface)) {
    throw new RuleError("iface", `invalid interface '${iface}'`);
  }
  const log = rule.match.get("log");
  if (log !== undefined && log !== "nolog" && !LOG_LEVELS.has(log)) {
    throw new RuleError("log", `invalid log level '${log}'`);
  }
  if (rule.type !== "group") ruleMatches(rule, scope);
}

/** Adds a rule of the chain's direction; one that is off or for another interface adds nothing. */
export function addRule(chain: RuleChain, rule: FirewallRule, scope: Scope): void {
  if (!rule.enable || rule.type !== chain.direction) return;
  const wanted = rule.match.get("iface");
  const iface = wanted === undefined ? "" : chain.iface(wanted);
  if (iface === undefined) return;
  for (const { family, arguments: words } of ruleMatches(rule, scope)) {
    const match = [iface, ...words]
      .filter((word) => word !== "")
      .map((word) => `${word} `)
      .join("");
    const log = logLine(chain, match, rule.match.get("log") ?? "nolog", rule.action);
    chain.chains.add(chain.name, [...log, `${match}${target(chain, rule.action)}`], family);
  }
}

/** A rule list with the groups that it brings in put in their place. */
export function withGroups(
  rules: readonly FirewallRule[],
  groups: readonly FirewallGroup[],
): readonly FirewallRule[] {
  return rules.flatMap((rule) => {
    if (rule.type !== "group") return [rule];
    const group = groups.find(({ name }) => name === rule.action);
    if (group === undefined || !rule.enable) return [];
    const iface = rule.match.get("iface");
    return group.rules.map((member) =>
      iface === undefined
        ? member
        : { ...member, match: new Map(member.match).set("iface", iface) },
    );
  });
}

/** Ends a chain by its policy. */
export function addPolicy(chain: RuleChain, policy: string, level: string): void {
  const log = logLine(chain, "", level, `policy ${policy}`);
  const before =
    policy === "DROP" ? ["-j PVEFW-Drop"] : policy === "REJECT" ? ["-j PVEFW-Reject"] : [];
  chain.chains.add(chain.name, [...before, ...log, target(chain, policy)]);
}
