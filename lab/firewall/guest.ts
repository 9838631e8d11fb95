/** The two chains of a guest's NIC, on its port veth<vmid>i<index>. */
import type { GuestConfig } from "../pve/guest-config";
import type { FirewallFile, FirewallGroup } from "../pve/firewall/file";
import { guestNets, type GuestNet } from "../pve/guest-net";
import type { Chains } from "./chains";
import { addPolicy, addRule, withGroups, type Direction, type RuleChain } from "./rules";
import type { Scope } from "./scope";

/** A guest whose firewall is on. */
export interface GuardedGuest {
  readonly vmid: number;
  readonly config: GuestConfig;
  readonly file: FirewallFile;
  readonly scope: Scope;
  readonly groups: readonly FirewallGroup[];
}

const NEIGHBOUR = ["neighbor-solicitation", "neighbor-advertisement"];

/** Adds the chains of every NIC with firewall=1, and what leads there. */
export function addGuest(chains: Chains, guest: GuardedGuest): void {
  for (const net of guestNets(guest.config.keys)) {
    if (!net.firewall) continue;
    const port = `veth${guest.vmid}i${net.index}`;
    const bridged = "-m physdev --physdev-is-bridged";
    chains.add("PVEFW-FWBR-IN", [`${bridged} --physdev-out ${port} -j ${port}-IN`]);
    chains.add("PVEFW-FWBR-OUT", [`${bridged} --physdev-in ${port} -j ${port}-OUT`]);
    addNic(chains, guest, net, "in");
    addNic(chains, guest, net, "out");
  }
}

function addNic(chains: Chains, guest: GuardedGuest, net: GuestNet, direction: Direction): void {
  const { vmid, file, scope } = guest;
  const chain: RuleChain = {
    chains,
    name: `veth${vmid}i${net.index}-${direction.toUpperCase()}`,
    vmid,
    direction,
    // Outwards a packet has only left its guest: it still has to get past what comes after.
    accept: direction === "in" ? "ACCEPT" : "RETURN",
    iface: (name) => (name === `net${net.index}` ? "" : undefined),
  };
  addServices(chain, file);
  if (direction === "out") addFilters(chain, guest, net);
  for (const rule of withGroups(file.rules, guest.groups)) addRule(chain, rule, scope);
  const policy =
    file.options.get(`policy_${direction}`) ?? (direction === "in" ? "DROP" : "ACCEPT");
  addPolicy(chain, policy, file.options.get(`log_level_${direction}`) ?? "nolog");
}

/** What a guest needs to get and keep its addresses; on unless the options say 0. */
function addServices(
  { chains, name, direction, accept }: RuleChain,
  { options }: FirewallFile,
): void {
  const isOn = (option: string): boolean => options.get(option) !== "0";
  const [client, server] = direction === "in" ? ["--dport", "--sport"] : ["--sport", "--dport"];
  if (isOn("dhcp")) {
    chains.add(name, [`-p udp ${server} 67 ${client} 68 -j ${accept}`], 4);
    chains.add(name, [`-p udp ${server} 547 ${client} 546 -j ${accept}`], 6);
  }
  if (isOn("ndp")) {
    const types = ["router-solicitation", ...NEIGHBOUR];
    if (direction === "in") types.push("router-advertisement");
    const lines = types.map((type) => `-p icmpv6 --icmpv6-type ${type} -j ${accept}`);
    chains.add(name, lines, 6);
  }
}

/** What a guest may not pretend to be. */
function addFilters({ chains, name, accept }: RuleChain, guest: GuardedGuest, net: GuestNet): void {
  const { options } = guest.file;
  if (options.get("macfilter") !== "0") {
    chains.add(name, [`-m mac ! --mac-source ${net.hwaddr} -j DROP`]);
  }
  for (const [family, set] of guest.scope.ipsets.get(`ipfilter-net${net.index}`) ?? []) {
    chains.add(name, [`-m set ! --match-set ${set} src -j DROP`], family);
  }
  const router = "-p icmpv6 --icmpv6-type router-advertisement";
  chains.add(name, [`${router} -j ${options.get("radv") === "1" ? accept : "DROP"}`], 6);
}
