/** Chains of both families while they are being written, and their text for iptables-restore. */
import { FAMILIES, type Family } from "../pve/firewall/address";

/** Chains in the order of their making. */
export class Chains {
  private readonly tables: ReadonlyMap<Family, Map<string, string[]>> = new Map(
    FAMILIES.map((family) => [family, new Map<string, string[]>()]),
  );

  /** Adds lines to a chain, and creates it if needed; for both families by default. */
  add(chain: string, lines: readonly string[], family?: Family): void {
    for (const [present, table] of this.tables) {
      if (family !== undefined && family !== present) continue;
      const rules = table.get(chain) ?? [];
      rules.push(...lines);
      table.set(chain, rules);
    }
  }

  /** Declarations first: a rule may jump to a chain that comes after it. */
  text(family: Family): string {
    const table = [...(this.tables.get(family) ?? [])];
    return [
      ...table.map(([chain]) => `:${chain} - [0:0]\n`),
      ...table.flatMap(([chain, rules]) => rules.map((rule) => `-A ${chain} ${rule}\n`)),
    ].join("");
  }
}

const LEGAL_NOISE: readonly string[] = [
  "-p udp -m multiport --dports 135,445",
  "-p udp --dport 137:139",
  "-p udp --sport 137 --dport 1024:65535",
  "-p tcp -m multiport --dports 135,139,445",
];

/** The end of a policy: what is never logged, what must pass, and the noise of Windows networks. */
function policyEnd(chains: Chains, chain: string, noise: string): void {
  const critical: Readonly<Record<Family, readonly string[]>> = {
    4: ["-p icmp --icmp-type fragmentation-needed", "-p icmp --icmp-type time-exceeded"],
    6: [
      "-p icmpv6 --icmpv6-type destination-unreachable",
      "-p icmpv6 --icmpv6-type time-exceeded",
      "-p icmpv6 --icmpv6-type packet-too-big",
    ],
  };
  chains.add(chain, ["-p tcp --dport 43 -j PVEFW-reject", "-j PVEFW-DropBroadcast"]);
  for (const family of FAMILIES) {
    chains.add(
      chain,
      critical[family].map((match) => `${match} -j ACCEPT`),
      family,
    );
  }
  chains.add(chain, [
    "-m conntrack --ctstate INVALID -j DROP",
    ...LEGAL_NOISE.map((match) => `${match} -j ${noise}`),
    "-p udp --dport 1900 -j DROP",
    "-p tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j DROP",
    "-p udp --sport 53 -j DROP",
  ]);
}

/** The chains that every ruleset has and others jump to. */
export function addStandardChains(chains: Chains): void {
  chains.add(
    "PVEFW-DropBroadcast",
    [
      ...["BROADCAST", "MULTICAST", "ANYCAST"].map(
        (type) => `-m addrtype --dst-type ${type} -j DROP`,
      ),
      "-d 224.0.0.0/4 -j DROP",
    ],
    4,
  );
  chains.add("PVEFW-DropBroadcast", ["-d ff00::/8 -j DROP"], 6);
  chains.add(
    "PVEFW-reject",
    [
      "-m addrtype --dst-type BROADCAST -j DROP",
      "-s 224.0.0.0/4 -j DROP",
      "-p icmp -j DROP",
      "-p tcp -j REJECT --reject-with tcp-reset",
      "-p udp -j REJECT --reject-with icmp-port-unreachable",
      "-j REJECT --reject-with icmp-host-prohibited",
    ],
    4,
  );
  chains.add(
    "PVEFW-reject",
    ["-p icmpv6 -j DROP", "-p tcp -j REJECT --reject-with tcp-reset", "-j REJECT"],
    6,
  );
  chains.add(
    "PVEFW-smurfs",
    [
      "-s 0.0.0.0/32 -j RETURN",
      "-m addrtype --src-type BROADCAST -j DROP",
      "-s 224.0.0.0/4 -j DROP",
    ],
    4,
  );
  chains.add("PVEFW-smurfs", [], 6);
  policyEnd(chains, "PVEFW-Drop", "DROP");
  policyEnd(chains, "PVEFW-Reject", "PVEFW-reject");
}
