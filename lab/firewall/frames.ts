/** What a guest may not pretend to be below IP: Proxmox's ebtables rules, as a table of nft's family bridge. */
import { parseCidr, printCidr } from "../pve/firewall/address";
import { guestNets, type GuestNet } from "../pve/guest-net";
import type { GuardedGuest } from "./guest";

/** Lines for the frames that come from each NIC with firewall=1. */
export function frameRules(guest: GuardedGuest): readonly string[] {
  return guestNets(guest.config.keys)
    .filter(({ firewall }) => firewall)
    .flatMap((net) => nicRules(guest, net));
}

function nicRules({ vmid, file }: GuardedGuest, net: GuestNet): readonly string[] {
  const from = `iifname "veth${vmid}i${net.index}"`;
  const macs = file.options.get("macfilter") === "0" ? [] : ["ether saddr", "arp saddr ether"];
  const own = ownAddresses(file, net);
  return [
    ...macs.map((field) => `${from} ${field} != ${net.hwaddr.toLowerCase()} drop`),
    ...(own === undefined ? [] : [`${from} arp saddr ip != { ${own.join(", ")} } drop`]),
  ];
}

/** IPv4 addresses that a NIC may name in ARP: from its own set, else from its configuration; undefined without ipfilter. */
function ownAddresses(
  { options, ipsets }: GuardedGuest["file"],
  { index, ip }: GuestNet,
): readonly string[] | undefined {
  const set = ipsets.find(({ name }) => name === `ipfilter-net${index}`);
  if (set === undefined && options.get("ipfilter") !== "1") return undefined;
  const texts =
    set === undefined ? [(ip ?? "").replace(/\/.*$/, "")] : set.entries.map((e) => e.cidr);
  const networks = texts.map(parseCidr).filter((network) => network?.family === 4);
  // A question that is asked before there is an address comes from none.
  return ["0.0.0.0", ...networks.flatMap((network) => (network ? [printCidr(network)] : []))];
}

/** The whole table; empty when there is nothing to drop. */
export const bridgeTable = (rules: readonly string[]): string =>
  rules.length === 0
    ? ""
    : `table bridge pvefw {
  chain forward {
    type filter hook forward priority -200; policy accept;
${rules.map((rule) => `    ${rule}\n`).join("")}  }
}
`;
