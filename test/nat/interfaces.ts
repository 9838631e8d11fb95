/** Files of interfaces(5). */
import type { NatCase } from "./case";

const stanza = (...lines: readonly string[]) =>
  [
    "auto vmbr1",
    "iface vmbr1 inet static",
    "\taddress 10.0.0.1/24",
    "\tbridge-ports none",
    ...lines,
    "",
  ]
    .join("\n")
    .replaceAll("⟧\n", "\n⟧");

const call = "iptables -t nat -A PREROUTING -p tcp --dport 443 -j DNAT --to 10.0.0.153:443";

/** Cases for /etc/network/interfaces. */
export const interfaces: readonly NatCase[] = [
  {
    name: "a comment behind the command",
    files: { interfaces: stanza(`⟦\tpost-up ${call} # the tunnel⟧`) },
  },
  {
    name: "the name of the interface as a variable",
    files: {
      interfaces: stanza(
        "⟦\tpost-up iptables -t nat -A PREROUTING -i $IFACE -p tcp --dport 443 -j DNAT --to 10.0.0.153:443⟧",
        '⟦\tpost-up iptables -t nat -A POSTROUTING -s 10.0.0.153 -o "${IFACE}" -j MASQUERADE⟧',
      ),
    },
  },
  {
    name: "errors hidden, a check before, and a shell in between",
    files: {
      interfaces: stanza(
        `⟦\tpost-down ${call.replace("-A", "-D")} 2>/dev/null || true⟧`,
        `⟦\tpost-up ${call.replace("-A", "-C")} || ${call}⟧`,
        `⟦\tpost-up sh -c '${call}'⟧`,
        `⟦\tup /usr/sbin/iptables-nft -w 5 -t nat -I PREROUTING 1 -p tcp --dport 80 -j DNAT --to 10.0.0.153 >/dev/null 2>&1;⟧`,
      ),
    },
  },
  {
    name: "a command over two lines",
    files: {
      interfaces: stanza(
        "⟦\tpost-up iptables -t nat -A PREROUTING -i vmbr0 \\",
        "\t\t-p tcp --dport 443 -j DNAT --to 10.0.0.153:443⟧",
        "\tpost-up echo 1 > /proc/sys/net/ipv4/ip_forward",
      ),
    },
  },
  {
    name: "commands that do other things as well",
    files: {
      interfaces: stanza(
        `\tpost-up ${call} && logger up`,
        `\tpost-up for port in 80 81; do iptables -t nat -A PREROUTING -p tcp --dport $port -j DNAT --to 10.0.0.153; done`,
        `\tpost-up ${call}; ${call.replace(".153:", ".15:")}`,
        `\tpost-up ${call} | logger`,
        "\tpost-up iptables -t nat -A POSTROUTING ! -s 10.0.0.153 -o vmbr0 -j MASQUERADE",
        "\t# post-up iptables -t nat -A PREROUTING -j DNAT --to 10.0.0.153",
        "\tpost-up /usr/local/sbin/publish 10.0.0.153",
      ),
    },
    alsoGone: [/DNAT --to-destination 10\.0\.0\.153(:443)?$/],
    left: [/logger up/, /for port/, /10\.0\.0\.15:443.*other things/, /\| logger/, /publish/],
  },
  {
    name: "no line end at the end of the file",
    files: { interfaces: stanza(`⟦\tpost-up ${call}⟧`, "\tpost-up true").trimEnd() },
  },
  {
    name: "a file that another one reads",
    files: {
      interfaces: "source /etc/network/more.cfg\n",
      "more.cfg": stanza(`⟦\tpost-up ${call}⟧`, "\tpost-up true"),
    },
  },
];
