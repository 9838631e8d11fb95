/** Files of iptables-save, written by it or by hand. */
import type { NatCase } from "./case";

const nat = (...lines: readonly string[]) =>
  ["*nat", ":PREROUTING ACCEPT [0:0]", ":POSTROUTING ACCEPT [0:0]", ...lines, "COMMIT", ""]
    .join("\n")
    .replaceAll("⟧\n", "\n⟧");

const forward = "-p tcp -m tcp --dport 443 -j DNAT --to-destination 10.0.0.153:443";
const other = "-A PREROUTING -p tcp -m tcp --dport 22 -j DNAT --to-destination 10.0.0.15:22";

/** Cases for /etc/iptables/rules.v4. */
export const savedRules: readonly NatCase[] = [
  {
    name: "a rule for all but the guest",
    files: { "rules.v4": nat("-A POSTROUTING ! -s 10.0.0.153/32 -o vmbr0 -j MASQUERADE") },
  },
  {
    name: "the old spelling of that",
    files: {
      "rules.v4": nat("-A POSTROUTING -s ! 10.0.0.153 -o vmbr0 -j MASQUERADE"),
    },
    // iptables has dropped that spelling.
    left: [/-s ! 10\.0\.0\.153 .*does not understand/],
  },
  {
    name: "a comment that talks about the guest",
    files: {
      "rules.v4": nat(
        '-A PREROUTING -p tcp -m tcp --dport 22 -m comment --comment "was -j DNAT --to-destination 10.0.0.153 once" -j DNAT --to-destination 10.0.0.15:22',
        '-A POSTROUTING -o vmbr0 -m comment --comment "not -s 10.0.0.153/32 " -j MASQUERADE',
      ),
    },
  },
  {
    name: "abbreviated options, written by hand",
    files: {
      "rules.v4": [
        "*nat",
        "⟦-A PREROUTING -i eth0 -p tcp --dport 443 -j DNAT --to 10.0.0.153:443",
        "⟧-A POSTROUTING -o eth0 -j MASQUERADE",
        "COMMIT",
        "",
      ].join("\n"),
    },
  },
  {
    name: "counters, shifted ports, and a set of ports",
    files: {
      "rules.v4": nat(
        "⟦[12:3456] -A PREROUTING -p tcp -m tcp --dport 5000:5010 -j DNAT --to-destination 10.0.0.153:6000-6010/5000⟧",
        "⟦-A PREROUTING -p tcp -m multiport --dports 80,443 -j DNAT --to-destination 10.0.0.153⟧",
        "⟦-A POSTROUTING -s 10.0.0.153/32 -p tcp -j SNAT --to-source 192.0.2.10:1024-2048⟧",
        other,
      ),
    },
  },
  {
    name: "a range and a network that hold the guest",
    files: {
      "rules.v4": nat(
        "-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.150-10.0.0.160",
        "-A PREROUTING -d 192.0.2.0/24 -j NETMAP --to 10.0.0.0/24",
        "-A PREROUTING -p tcp -m tcp --dport 81 -j DNAT --to-destination 10.0.0.160-10.0.0.170",
        "⟦-A PREROUTING -d 192.0.2.153/32 -j NETMAP --to 10.0.0.153/32⟧",
        "⟦-A PREROUTING -p tcp -m tcp --dport 82 -j DNAT --to-destination 10.0.0.153-10.0.0.153⟧",
      ),
    },
    left: [/--dport 80 .*10\.0\.0\.150-10\.0\.0\.160.*part/, /NETMAP --to 10\.0\.0\.0\/24.*part/],
  },
  {
    name: "addresses that only look alike",
    files: {
      "rules.v4": nat(
        "-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 110.0.0.153:80",
        "-A PREROUTING -p tcp -m tcp --dport 81 -j DNAT --to-destination 10.0.0.15:153",
        "-A POSTROUTING -s 10.0.0.0/24 -o vmbr0 -j MASQUERADE",
      ),
    },
  },
  {
    name: "one line that makes rules for two guests",
    files: {
      "rules.v4": nat("-A POSTROUTING -s 10.0.0.153,10.0.0.15 -o vmbr0 -j MASQUERADE"),
    },
    left: [/10\.0\.0\.153,10\.0\.0\.15 .*other addresses/],
    alsoGone: [/-A POSTROUTING -s 10\.0\.0\.153\/32 -o vmbr0 -j MASQUERADE/],
  },
  {
    name: "one rule by its name, with signs in its comment",
    files: {
      "rules.v4": `*filter\n:FORWARD ACCEPT [0:0]\n⟦-A FORWARD -d 10.0.0.153/32 -p tcp -m comment --comment "web (old): it's #1 & más?" -j ACCEPT\n⟧-A FORWARD -d 10.0.0.153/32 -p tcp -m comment --comment "web (old): it's #2 & más?" -j ACCEPT\nCOMMIT\n`,
    },
    entries: [
      `-t filter -A FORWARD -d 10.0.0.153/32 -p tcp -m comment --comment "web (old): it's #1 & más?" -j ACCEPT`,
    ],
  },
  {
    name: "no line end at the end of the file",
    files: { "rules.v4": nat(`⟦-A PREROUTING ${forward}⟧`, other).trimEnd() },
  },
];
