import assert from "node:assert/strict";

import { parseFirewall } from "../../lab/pve/firewall/file";
import { publicNic, type PublicInterface } from "../../model/public-interface";
import { renderGuestFilter } from "../../render/guest-filter";
import { renderLxcNet } from "../../render/lxc-net";
import { renderPveFirewall } from "../../render/pve-firewall";
import { assertGolden } from "../support/golden";
import { gateway, gatewayWith, site } from "../support/sites";

const nicOf = (value: unknown = gateway): PublicInterface =>
  site(value).guests[0]?.publicInterface ?? assert.fail("no public interface");

/** A firewall with something of everything. */
const full = {
  aliases: { office: "192.168.1.64/26", "the-boss": "192.168.1.50" },
  ipsets: { lan: ["192.168.1.0/24", "!192.168.1.66"], nobody: [] },
  rules: [
    { macro: "SSH", source: "office", log: "warning", comment: "from the office" },
    { macro: "DNS", source: "+lan" },
    { protocol: "udp", port: 443, comment: "HTTP/3" },
    {
      action: "REJECT",
      protocol: "tcp",
      port: "8000:8010,9000",
      source: "192.168.1.70-192.168.1.80",
    },
    { protocol: "icmp", icmpType: "time-exceeded" },
    { protocol: "tcp", sourcePort: "53", source: "the-boss,192.168.1.9".split(",")[1] },
    { direction: "out", action: "DROP", protocol: "tcp", port: 25, destination: "192.168.1.0/24" },
    { protocol: "tcp", port: 2222, enabled: false },
  ],
  policyOut: "ACCEPT",
  logIn: "info",
};

describe("the raw lines of a macvlan port", () => {
  it("are those that LXC wants, type first", () => {
    assert.deepEqual(renderLxcNet(nicOf()), [
      "lxc.net.1.type: macvlan",
      "lxc.net.1.macvlan.mode: bridge",
      "lxc.net.1.link: vmbr0",
      "lxc.net.1.name: eth1",
      "lxc.net.1.hwaddr: 02:00:00:00:01:01",
      "lxc.net.1.flags: up",
      "lxc.net.1.ipv4.address: 192.168.1.153/24",
      "lxc.net.1.ipv4.gateway: 192.168.1.1",
    ]);
  });
  it("have the MAC of the bridge for ipvlan, in the mode that answers ARP", () => {
    assert.deepEqual(renderLxcNet(nicOf(gatewayWith({ type: "ipvlan" }))), [
      "lxc.net.1.type: ipvlan",
      "lxc.net.1.ipvlan.mode: l2",
      "lxc.net.1.link: vmbr0",
      "lxc.net.1.name: eth1",
      "lxc.net.1.flags: up",
      "lxc.net.1.ipv4.address: 192.168.1.153/24",
      "lxc.net.1.ipv4.gateway: 192.168.1.1",
    ]);
  });
  it("never hold a value that is more than a word", () => {
    for (const bridge of ["vm br0", "vmbr0\nlxc.apparmor.profile: unconfined", "vmbr0#"])
      assert.throws(() => renderLxcNet({ ...nicOf(), bridge }), /cannot stand in a raw lxc line/);
  });
});

describe("the .fw file", () => {
  const parsed = (value: unknown) =>
    parseFirewall(renderPveFirewall(nicOf(value).firewall), "guest");

  it("drops all but the web and ping unless told otherwise", () => {
    assertGolden("gateway/101.fw", renderPveFirewall(nicOf().firewall));
    const { options, rules, problems } = parsed(gateway);
    assert.deepEqual(problems, []);
    assert.equal(options.get("policy_in"), "DROP");
    assert.equal(options.get("enable"), "1");
    assert.equal(rules.length, 3);
  });

  it("holds everything that can be declared, and the node's strict reader takes it", () => {
    const value = gatewayWith({ firewall: full });
    assertGolden("gateway/full.fw", renderPveFirewall(nicOf(value).firewall));
    const { aliases, ipsets, rules, problems } = parsed(value);
    assert.deepEqual(problems, []);
    assert.deepEqual([aliases.length, ipsets.length, rules.length], [2, 2, 11]);
  });

  it("is refused by that reader when it is broken, so that the lines above mean something", () => {
    const text = renderPveFirewall(nicOf().firewall);
    for (const broken of [
      text.replace("policy_in: DROP", "policy_in: drop"),
      text.replace("-dport 80", "-dport 80, 81"),
      text.replace("[RULES]", "[RULE]"),
    ])
      assert.notDeepEqual(parseFirewall(broken, "guest").problems, []);
  });

  it("never holds a value that is more than a word, whoever built it", () => {
    const { firewall } = nicOf(gatewayWith({ firewall: full }));
    const [rule] = firewall.rules;
    assert.ok(rule);
    for (const text of ["10.0.0.1\nIN ACCEPT", "a]b", "a#b", "a b"])
      assert.throws(
        () => renderPveFirewall({ ...firewall, rules: [{ ...rule, source: text }] }),
        /cannot stand in a \.fw file/,
      );
    assert.throws(
      () => renderPveFirewall({ ...firewall, rules: [{ ...rule, comment: "a\nIN ACCEPT" }] }),
      /is no comment of one line/,
    );
  });
});

describe("the filter inside the guest", () => {
  it("lets the same through as the .fw file", () => {
    assertGolden("gateway/public.nft", renderGuestFilter(nicOf()));
    assertGolden("gateway/full.nft", renderGuestFilter(nicOf(gatewayWith({ firewall: full }))));
    assert.match(
      renderGuestFilter(nicOf()),
      /tcp dport \{ 80, 443 \} accept\n.*echo-request accept\n +drop\n/,
    );
  });
  it("keeps the public address from being asked for on the inner side", () => {
    assert.match(renderGuestFilter(nicOf()), /iifname "eth0" ip daddr 192\.168\.1\.153 drop/);
  });
  it("replaces its own table only", () => {
    assert.doesNotMatch(renderGuestFilter(nicOf()), /flush ruleset/);
  });
  it("is made for the interface that the raw lines name", () => {
    assert.equal(publicNic.name, "eth1");
  });
});
