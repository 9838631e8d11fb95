/** Files of nftables. */
import type { NatCase } from "./case";

const table = (pre: readonly string[], post: readonly string[] = []) =>
  [
    "table ip fwd4 {",
    "\tchain prerouting {",
    "\t\ttype nat hook prerouting priority dstnat; policy accept;",
    ...pre,
    "\t}",
    "\tchain postrouting {",
    "\t\ttype nat hook postrouting priority srcnat; policy accept;",
    ...post,
    "\t}",
    "}",
    "",
  ]
    .join("\n")
    .replaceAll("⟧\n", "\n⟧");

/** Cases for /etc/nftables.conf. */
export const nftables: readonly NatCase[] = [
  {
    name: "two statements on one line",
    files: {
      "nftables.conf": table([
        "\t\t⟦tcp dport 443 dnat to 10.0.0.153:443; ⟧tcp dport 22 dnat to 10.0.0.15:22",
      ]),
    },
  },
  {
    name: "a statement over two lines",
    files: {
      "nftables.conf": table([
        "⟦\t\ttcp dport 443 \\",
        "\t\t\tdnat to 10.0.0.153:443⟧",
        "\t\tip saddr 198.51.100.0/24 tcp dport 22 dnat to 10.0.0.15:22",
      ]),
    },
  },
  {
    name: "sets, and a comment behind",
    files: {
      "nftables.conf": table(
        [
          '⟦\t\tiifname "vmbr0" tcp dport { 80, 443 } dnat to 10.0.0.153⟧',
          "⟦\t\tmeta l4proto { tcp, udp } th dport 53 dnat to 10.0.0.153 # the old way⟧",
          "⟦\t\ttcp dport {",
          "\t\t\t8080, # a proxy",
          "\t\t\t8443",
          "\t\t} dnat to 10.0.0.153⟧",
          "\t\ttcp dport 22 dnat to 10.0.0.15:22",
        ],
        ['⟦\t\tip saddr { 10.0.0.153 } oifname "vmbr0" snat to 192.0.2.10⟧'],
      ),
    },
  },
  {
    name: "a whole chain on one line",
    files: {
      "nftables.conf":
        "table ip fwd4 { chain pre { type nat hook prerouting priority -100; ⟦tcp dport 80 dnat to 10.0.0.153; ⟧tcp dport 22 dnat to 10.0.0.15; }\n}\n",
    },
  },
  {
    name: "a variable, and dnat without to",
    files: {
      "nftables.conf": `define gw = 10.0.0.153\n${table(["⟦\t\ttcp dport 443 dnat to $gw⟧", "⟦\t\ttcp dport 80 dnat 10.0.0.153:80⟧"])}`,
    },
  },
  {
    name: "maps, shared sets, ranges",
    files: {
      "nftables.conf": table(
        [
          '\t\tiifname "vmbr0" dnat to tcp dport map { 80 : 10.0.0.153, 443 : 10.0.0.153 }',
          "\t\ttcp dport 81 dnat to 10.0.0.150-10.0.0.160",
        ],
        ['\t\tip saddr { 10.0.0.153, 10.0.0.15 } oifname "vmbr0" masquerade'],
      ),
    },
    left: [/masquerade/, /10\.0\.0\.150-/, /tcp dport map/],
  },
  {
    name: "exclusions and comments",
    files: {
      "nftables.conf": table(
        [
          "\t\t# tcp dport 80 dnat to 10.0.0.153",
          '\t\ttcp dport 22 dnat to 10.0.0.15 comment "not dnat to 10.0.0.153 "',
        ],
        ['\t\tip saddr != 10.0.0.153 oifname "vmbr0" masquerade'],
      ),
    },
  },
  {
    name: "an included file, and rules as commands",
    files: {
      "nftables.conf": `${table(["\t\ttcp dport 22 dnat to 10.0.0.15"])}include "/etc/nftables.d/*.nft"\n`,
      "nftables.d/old.nft":
        "⟦add rule ip fwd4 prerouting tcp dport 443 dnat to 10.0.0.153\n⟧insert rule ip fwd4 prerouting tcp dport 23 dnat to 10.0.0.15\n",
    },
  },
  {
    name: "a family that needs the address's family",
    files: {
      "nftables.conf":
        "table inet own {\n\tchain pre {\n\t\ttype nat hook prerouting priority dstnat;\n⟦\t\tmeta nfproto ipv4 tcp dport 80 dnat ip to 10.0.0.153:80\n⟧\t}\n}\n",
    },
  },
];
