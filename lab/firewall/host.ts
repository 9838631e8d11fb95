/**
 * The node's own chains. They are on if the cluster's firewall is, unless host.fw has `enable: 0`
 * (docs/proxmox/firewall.md 1).
 */
import type { FirewallFile } from "../pve/firewall/file";
import type { Chains } from "./chains";
import { addPolicy, addRule, withGroups, type Direction, type RuleChain } from "./rules";
import type { KernelSets, Scope } from "./scope";

/** What a node's own firewall is made of. */
export interface GuardedHost {
  readonly cluster: FirewallFile;
  readonly host: FirewallFile;
  readonly clusterScope: Scope;
  readonly hostScope: Scope;
  /** Who may always manage the node: the local network and the set `management`. */
  readonly management: KernelSets;
}

/** Web page and API, VNC consoles, SPICE, SSH, and migration. */
const MANAGEMENT_PORTS = ["8006", "5900:5999", "3128", "22", "60000:60050"];

/** Adds the chains of the node itself. */
export function addHost(chains: Chains, host: GuardedHost): void {
  for (const direction of ["in", "out"] as const) {
    chains.add(direction === "in" ? "PVEFW-INPUT" : "PVEFW-OUTPUT", [
      `-j PVEFW-HOST-${direction.toUpperCase()}`,
    ]);
    addDirection(chains, host, direction);
  }
}

function addDirection(chains: Chains, guarded: GuardedHost, direction: Direction): void {
  const { cluster, host, clusterScope, hostScope } = guarded;
  const flag = direction === "in" ? "-i" : "-o";
  const chain: RuleChain = {
    chains,
    name: `PVEFW-HOST-${direction.toUpperCase()}`,
    vmid: 0,
    direction,
    accept: "RETURN",
    iface: (name) => `${flag} ${name}`,
  };
  chains.add(chain.name, [
    `${flag} lo -j ACCEPT`,
    "-m conntrack --ctstate INVALID -j DROP",
    "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    ...(direction === "in" ? ["-m conntrack --ctstate INVALID,NEW -j PVEFW-smurfs"] : []),
  ]);
  chains.add(chain.name, ["-p igmp -j RETURN"], 4);
  if (host.options.get("ndp") !== "0") {
    for (const type of [
      "router-solicitation",
      "router-advertisement",
      "neighbor-solicitation",
      "neighbor-advertisement",
    ]) {
      chains.add(chain.name, [`-p icmpv6 --icmpv6-type ${type} -j RETURN`], 6);
    }
  }
  for (const rule of withGroups(host.rules, cluster.groups)) addRule(chain, rule, hostScope);
  for (const rule of withGroups(cluster.rules, cluster.groups)) addRule(chain, rule, clusterScope);
  for (const [family, set] of guarded.management) {
    const from = `-m set --match-set ${set} ${direction === "in" ? "src" : "dst"}`;
    const lines = MANAGEMENT_PORTS.map((port) => `${from} -p tcp --dport ${port} -j RETURN`);
    chains.add(chain.name, lines, family);
  }
  const policy =
    cluster.options.get(`policy_${direction}`) ?? (direction === "in" ? "DROP" : "ACCEPT");
  addPolicy(chain, policy, host.options.get(`log_level_${direction}`) ?? "nolog");
}
