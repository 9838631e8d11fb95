/** What is accepted is in force, on the node and inside the guest. */
import assert from "node:assert/strict";

import { compile } from "../../../lab/firewall/compile";
import { renderGuestFilter } from "../../../render/guest-filter";
import { renderPveFirewall } from "../../../render/pve-firewall";
import { gatewayWith, site } from "../../support/sites";

type Type = "veth" | "macvlan";

const declared = (firewall: object, type: Type) => gatewayWith({ type, firewall });

function nicOf(firewall: object, type: Type) {
  const nic = site(declared(firewall, type)).guests[0]?.publicInterface;
  return nic ?? assert.fail("no public interface");
}

/** The declared rules in the file of the node, which the node's reader takes. */
function onNode(firewall: object): readonly string[] {
  const text = renderPveFirewall(nicOf({ open: [], ping: false, ...firewall }, "veth").firewall);
  const protocols = [
    "icmp 1",
    "igmp 2",
    "tcp 6",
    "udp 17",
    "gre 47",
    "esp 50",
    "ipv6-icmp 58",
    "vrrp 112",
  ];
  const files = new Map([
    ["/etc/protocols", `${protocols.join("\n")}\n`],
    ["/etc/pve/firewall/cluster.fw", "[OPTIONS]\nenable: 1\n"],
    ["/etc/pve/firewall/101.fw", text],
    [
      "/etc/pve/nodes/pve1/lxc/101.conf",
      "net1: name=eth1,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,firewall=1\n",
    ],
  ]);
  assert.deepEqual(compile("pve1", files).problems, []);
  return (text.split("[RULES]\n")[1] ?? "").trimEnd().split("\n");
}

/** The same rules inside the guest. */
function inGuest(firewall: object): readonly string[] {
  const text = renderGuestFilter(
    nicOf({ open: [], ping: false, policyOut: "ACCEPT", ...firewall }, "macvlan"),
  );
  const chain = text.split("chain incoming {\n")[1]?.split("\n  }")[0] ?? "";
  const lines = chain.split("\n").map((line) => line.trim());
  return lines.slice(lines.findIndex((line) => line.startsWith("icmp type { dest")) + 1, -1);
}

const tcp22 = { protocol: "tcp", port: 22 };

describe("a rule that Proxmox knows", () => {
  const accepted: readonly (readonly [string, object, readonly string[], readonly string[]])[] = [
    [
      "a set whose name has capitals",
      {
        ipsets: { Office: ["10.8.0.0/24"] },
        rules: [{ source: "+Office", protocol: "tcp", port: 443 }],
      },
      ["IN ACCEPT -i net1 -p tcp -source +office -dport 443"],
      ["ip saddr @office_ip4 tcp dport { 443 } accept"],
    ],
    [
      "an alias in another case, with its scope",
      { aliases: { Desk: "10.0.0.9/24" }, rules: [{ source: "guest/DESK" }] },
      ["IN ACCEPT -i net1 -source desk"],
      ["ip saddr { 10.0.0.0/24 } accept"],
    ],
    [
      "two sets that differ by - and _",
      {
        ipsets: { "a-b": ["10.0.0.1"], a_b: ["10.9.9.9"] },
        rules: [{ ...tcp22, source: "+a-b" }],
      },
      ["IN ACCEPT -i net1 -p tcp -source +a-b -dport 22"],
      ["ip saddr @a-b_ip4 tcp dport { 22 } accept"],
    ],
    [
      "a range of one port",
      { rules: [{ protocol: "tcp", port: "443:443" }] },
      ["IN ACCEPT -i net1 -p tcp -dport 443"],
      ["tcp dport { 443 } accept"],
    ],
    [
      "services by name, and ports that overlap",
      { rules: [{ protocol: "udp", port: "domain,60:70,67:68" }] },
      ["IN ACCEPT -i net1 -p udp -dport 53,60:70,67:68"],
      ["udp dport { 53, 60-70 } accept"],
    ],
    [
      "everything as a source",
      { rules: [{ ...tcp22, source: "0.0.0.0/0" }] },
      ["IN ACCEPT -i net1 -p tcp -source 0.0.0.0/0 -dport 22"],
      ["ip saddr { 0.0.0.0/0 } tcp dport { 22 } accept"],
    ],
    [
      "addresses of IPv6, and a range of one",
      { rules: [{ source: "2001:DB8:0::1,fd00::/8" }, { source: "10.0.0.5-10.0.0.5" }] },
      ["IN ACCEPT -i net1 -source 2001:db8::1,fd00::/8", "IN ACCEPT -i net1 -source 10.0.0.5"],
      ["ip6 saddr { 2001:db8::1, fd00::/8 } accept", "ip saddr { 10.0.0.5 } accept"],
    ],
    [
      "a macro of several rules, in any case",
      { rules: [{ macro: "smb", source: "10.8.0.0/24" }] },
      ["IN SMB(ACCEPT) -i net1 -source 10.8.0.0/24"],
      [
        "ip saddr { 10.8.0.0/24 } udp dport { 135, 445 } accept",
        "ip saddr { 10.8.0.0/24 } udp dport { 137-139 } accept",
        "ip saddr { 10.8.0.0/24 } udp sport { 137 } udp dport { 1024-65535 } accept",
        "ip saddr { 10.8.0.0/24 } tcp dport { 135, 139, 445 } accept",
      ],
    ],
    [
      "macros of one family, and of a protocol without ports",
      { rules: [{ macro: "DHCPv6" }, { macro: "Ping", action: "DROP" }, { macro: "GRE" }] },
      ["IN DHCPv6(ACCEPT) -i net1", "IN Ping(DROP) -i net1", "IN GRE(ACCEPT) -i net1"],
      [
        "meta nfproto ipv6 udp sport { 546-547 } udp dport { 546-547 } accept",
        "icmp type echo-request drop",
        "icmpv6 type echo-request drop",
        "meta l4proto 47 accept",
      ],
    ],
    [
      "a macro with a port of the source",
      { rules: [{ macro: "SSH", protocol: "tcp", sourcePort: "1024:65535" }] },
      ["IN ACCEPT -i net1 -p tcp -sport 1024:65535 -dport 22"],
      ["tcp sport { 1024-65535 } tcp dport { 22 } accept"],
    ],
    [
      "protocols by name and by number",
      { rules: [{ protocol: "igmp", action: "DROP" }, { protocol: "esp" }, { protocol: 112 }] },
      ["IN DROP -i net1 -p igmp", "IN ACCEPT -i net1 -p esp", "IN ACCEPT -i net1 -p vrrp"],
      ["meta l4proto 2 drop", "meta l4proto 50 accept", "meta l4proto 112 accept"],
    ],
    [
      "types of both kinds of ICMP",
      {
        rules: [
          { protocol: "icmp", icmpType: "fragmentation-needed" },
          { protocol: "icmpv6", icmpType: "router-advertisement" },
          { protocol: "icmp", icmpType: "any" },
        ],
      },
      [
        "IN ACCEPT -i net1 -p icmp -icmp-type fragmentation-needed",
        "IN ACCEPT -i net1 -p ipv6-icmp -icmp-type router-advertisement",
        "IN ACCEPT -i net1 -p icmp -icmp-type any",
      ],
      [
        "icmp type destination-unreachable icmp code 4 accept",
        "icmpv6 type nd-router-advert accept",
        "meta nfproto ipv4 meta l4proto 1 accept",
      ],
    ],
    [
      "a set of both families",
      {
        ipsets: { both: ["10.0.0.1", "2001:db8::/32"] },
        rules: [{ source: "+both", macro: "Ping" }],
      },
      ["IN Ping(ACCEPT) -i net1 -source +both"],
      [
        "ip saddr @both_ip4 icmp type echo-request accept",
        "ip6 saddr @both_ip6 icmpv6 type echo-request accept",
      ],
    ],
    [
      "a comment with every sign",
      { rules: [{ comment: '# [x] a\\b "c" 漢 $(d)' }] },
      ['IN ACCEPT -i net1 # # [x] a\\b "c" 漢 $(d)'],
      ["accept comment \"# [x] a'b 'c' 漢 $(d)\""],
    ],
  ];
  for (const [what, firewall, node, guest] of accepted)
    it(`is in force on the node and inside the guest: ${what}`, () => {
      assert.deepEqual(onNode(firewall), node);
      assert.deepEqual(inGuest(firewall), guest);
    });

  it("keeps a comment within the bytes that nftables takes", () => {
    const [line = ""] = inGuest({ rules: [{ comment: "漢".repeat(200) }] });
    const text = /comment "(.*)"$/.exec(line)?.[1] ?? "";
    assert.ok(Buffer.byteLength(text) <= 127 && text.length === 42, line);
  });

  it("decides by the longest prefix in a set with exceptions, inside the guest, too", () => {
    const ipsets = { lan: ["10.0.0.0/24", "!10.0.0.0/28", "10.0.0.5"] };
    const text = renderGuestFilter(nicOf({ ipsets }, "macvlan"));
    assert.match(text, /elements = \{ 10\.0\.0\.5, 10\.0\.0\.16-10\.0\.0\.255 \}/);
  });
});
