import assert from "node:assert/strict";

import fc from "fast-check";

import { compile } from "../../../lab/firewall/compile";
import { parseFirewall } from "../../../lab/pve/firewall/file";
import type { FirewallRule as ReadRule } from "../../../lab/pve/firewall/rule";
import { findMacro, macroNames } from "../../../model/firewall/macros";
import { findMacro as findLabMacro, MACRO_NAMES } from "../../../lab/pve/firewall/macros";
import { protocolOf } from "../../../model/firewall/protocols";
import type { Firewall, FirewallRule } from "../../../model/public-interface";
import { renderPveFirewall } from "../../../render/pve-firewall";
import { clusterFile, firewalls } from "../../support/firewalls";
import { gatewayWith, site } from "../../support/sites";

const protocols = Array.from({ length: 256 }, (_, at) => protocolOf(String(at)))
  .flatMap((known) => (known === undefined ? [] : [`${known.name} ${known.number}\n`]))
  .join("");

function firewallOf(firewall: object): Firewall {
  const nic = site(gatewayWith({ type: "veth", firewall })).guests[0]?.publicInterface;
  return nic?.firewall ?? assert.fail("no public interface");
}

/** What the node reports about a guest's file. */
function reported(text: string) {
  const files = new Map([
    ["/etc/protocols", protocols],
    ["/etc/pve/firewall/cluster.fw", clusterFile],
    ["/etc/pve/firewall/101.fw", text],
    [
      "/etc/pve/nodes/pve1/lxc/101.conf",
      "net1: name=eth1,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,firewall=1\n",
    ],
  ]);
  return compile("pve1", files).problems;
}

/** A declared rule as it should be read; a macro with a port of the source is one rule without it. */
function expected(rule: FirewallRule) {
  const isExpanded = rule.macro === "SSH" && rule.sourcePort !== undefined;
  const match = {
    iface: "net1",
    source: rule.source,
    dest: rule.destination,
    proto: rule.protocol,
    dport: isExpanded ? "22" : rule.port,
    sport: rule.sourcePort,
    "icmp-type": rule.icmpType,
    log: rule.log,
  };
  return {
    type: rule.direction,
    action: rule.action,
    enable: rule.enabled,
    macro: isExpanded ? undefined : rule.macro,
    comment: rule.comment,
    match: Object.entries(match)
      .filter(([, value]) => value !== undefined)
      .sort(),
  };
}

function seen({ type, action, enable, macro, comment, match }: ReadRule) {
  return { type, action, enable, macro, comment, match: [...match].sort() };
}

describe("the firewall of any accepted declaration", () => {
  it("is read back equal by the node, 1,000 times", function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(firewalls, (value) => {
        const firewall = firewallOf(value);
        const text = renderPveFirewall(firewall);
        assert.deepEqual(reported(text), []);
        const { aliases, ipsets, rules } = parseFirewall(text, "guest");
        assert.deepEqual(
          rules.slice(0, firewall.rules.length).map(seen),
          firewall.rules.map(expected),
        );
        const own = firewall.open.length + (firewall.ping ? 1 : 0);
        assert.equal(rules.length, firewall.rules.length + own);
        assert.deepEqual(
          new Map(aliases.map(({ name, cidr }) => [name, cidr])),
          new Map(Object.entries(firewall.aliases).map(([name, at]) => [name.toLowerCase(), at])),
        );
        assert.deepEqual(
          new Map(
            ipsets.map(({ name, entries }) => [
              name,
              entries.map(({ cidr, nomatch }) => `${nomatch ? "!" : ""}${cidr}`),
            ]),
          ),
          new Map(Object.entries(firewall.ipsets).map(([name, at]) => [name.toLowerCase(), at])),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it("has the macros of Proxmox, each with its ports", () => {
    assert.equal(macroNames.length, 86);
    assert.deepEqual([...macroNames].sort(), [...MACRO_NAMES].sort());
    const number = (proto: string) => protocolOf(proto)?.number;
    for (const name of macroNames) {
      const ours = findMacro(name)?.matches.map((match) =>
        [number(match.protocol), match.port, match.sourcePort, match.icmpType].join(),
      );
      const theirs = findLabMacro(name)?.map((match) =>
        [number(match.proto), match.dport, match.sport, match.icmpType].join(),
      );
      assert.deepEqual(ours?.sort(), theirs?.sort(), name);
    }
  });
});
