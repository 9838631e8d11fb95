/** What Proxmox would skip is refused with the reason, for both filters. */
import assert from "node:assert/strict";

import { parseSite } from "../../../model/site";
import { gatewayWith, noSources } from "../../support/sites";

function problems(firewall: object, type: "veth" | "macvlan"): readonly string[] {
  const result = parseSite(gatewayWith({ type, firewall }), "dev", noSources);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

const tcp22 = { protocol: "tcp", port: 22 };

describe("a rule that Proxmox would skip", () => {
  const refused: readonly (readonly [string, object, RegExp])[] = [
    [
      "a network with host bits",
      { rules: [{ ...tcp22, source: "10.0.0.5/24" }] },
      /rules\.0\.source: 10\.0\.0\.5\/24 is not a network, .* Write 10\.0\.0\.0\/24 or 10\.0\.0\.5\./,
    ],
    [
      "one in a list, as destination",
      { rules: [{ destination: "10.0.0.1,10.0.1.9/30" }] },
      /rules\.0\.destination: 10\.0\.1\.9\/30 is not a network, .* Write 10\.0\.1\.8\/30 or 10\.0\.1\.9\./,
    ],
    [
      "one of IPv6",
      { rules: [{ source: "2001:db8::1/32" }] },
      /2001:db8::1\/32 is not a network, .* Write 2001:db8::\/32 or 2001:db8::1\./,
    ],
    [
      "a range in a list",
      { rules: [{ ...tcp22, source: "10.0.0.1-10.0.0.9,10.0.0.20" }] },
      /10\.0\.0\.1-10\.0\.0\.9 is a range, which Proxmox refuses in a list/,
    ],
    [
      "a range that runs backwards",
      { rules: [{ source: "10.0.0.9-10.0.0.5" }] },
      /10\.0\.0\.9-10\.0\.0\.5 begins behind its end\. Write 10\.0\.0\.5-10\.0\.0\.9\./,
    ],
    [
      "two families in a list",
      { rules: [{ source: "10.0.0.1,2001:db8::1" }] },
      /mixes IPv4 and IPv6/,
    ],
    [
      "two families on its sides",
      { rules: [{ source: "ten", destination: "::1" }], aliases: { ten: "10.0.0.1" } },
      /rules\.0: source and destination mix IPv4 and IPv6/,
    ],
    [
      "ICMP of the other family",
      { rules: [{ protocol: "icmp", source: "2001:db8::1" }] },
      /rules\.0: icmp is not of IPv6/,
    ],
    [
      "a macro of the other family",
      { rules: [{ macro: "DHCPv6", source: "10.0.0.1" }] },
      /rules\.0: DHCPv6 is not of IPv4/,
    ],
    ["no end of a list", { rules: [{ source: "10.0.0.1," }] }, /"" is not a source/],
    [
      "a set and an address",
      { rules: [{ source: "+lan,10.0.0.1" }], ipsets: { lan: [] } },
      /name of a set/,
    ],
    [
      "a name of the datacenter that is too long",
      { rules: [{ source: `dc/${"a".repeat(62)}` }] },
      /longer than 64 characters/,
    ],
    ["a port of 0", { rules: [{ protocol: "tcp", port: "0" }] }, /read it as every port/],
    [
      "a port beyond the last",
      { rules: [{ protocol: "tcp", port: "1:65536" }] },
      /"1:65536" is not a port/,
    ],
    [
      "a service that nobody knows",
      { rules: [{ protocol: "tcp", port: "nosuch" }] },
      /"nosuch" is not a port/,
    ],
    ["ports that run backwards", { rules: [{ protocol: "tcp", port: "90:80" }] }, /Write 80:90\./],
    [
      "16 numbers of ports",
      { rules: [{ protocol: "tcp", port: "1:2,3:4,5:6,7:8,9:10,11:12,13:14,15:16" }] },
      /has 16 numbers, and the kernel takes 15/,
    ],
    [
      "ports of a protocol without",
      { rules: [{ protocol: "gre", port: 80 }] },
      /a port needs the protocol tcp/,
    ],
    [
      "one port of udplite",
      { rules: [{ protocol: "udplite", port: 80 }] },
      /udplite in lists only/,
    ],
    [
      "a number beyond every port",
      { rules: [{ protocol: "tcp", port: 70000 }] },
      /"70000" is not a port/,
    ],
    ["a protocol in capitals", { rules: [{ protocol: "TCP" }] }, /"TCP" is not a protocol/],
    [
      "a number that Debian has no protocol for",
      { rules: [{ protocol: 200 }] },
      /"200" is not a protocol/,
    ],
    ["two protocols", { rules: [{ protocol: "tcp,udp" }] }, /is not a protocol/],
    ["every protocol", { rules: [{ protocol: "ip" }] }, /stands for every protocol\. Leave it out/],
    [
      "a type of the other ICMP",
      { rules: [{ protocol: "icmp", icmpType: "packet-too-big" }] },
      /packet-too-big is not a type of icmp/,
    ],
    [
      "a number as type",
      { rules: [{ protocol: "icmp", icmpType: "8" }] },
      /"8" is not an ICMP type/,
    ],
    ["a macro of no release", { rules: [{ macro: "PBS" }] }, /"PBS" is not a macro of Proxmox/],
    [
      "a macro with another port",
      { rules: [{ macro: "SSH", protocol: "tcp", port: 2222 }] },
      /the macro SSH already says its port/,
    ],
    [
      "a macro of two protocols with one of them",
      { rules: [{ macro: "DNS", protocol: "udp" }] },
      /the macro DNS already says its protocol/,
    ],
    [
      "an entry twice",
      { ipsets: { lan: ["10.0.0.5", "10.0.0.5/32"] } },
      /ipsets\.lan\.1: 10\.0\.0\.5 is in this set already/,
    ],
    [
      "an entry with and without !",
      { ipsets: { lan: ["10.0.0.0/24", "!10.0.0.0/24"] } },
      /ipsets\.lan\.1: !10\.0\.0\.0\/24 contradicts 10\.0\.0\.0\/24/,
    ],
    [
      "an entry twice by an alias and by host bits",
      { aliases: { net: "10.0.0.9/24" }, ipsets: { lan: ["net", "10.0.0.5/24"] } },
      /ipsets\.lan\.1: 10\.0\.0\.0\/24 is in this set already, as net/,
    ],
    [
      "everything in a set",
      { ipsets: { lan: ["0.0.0.0/0"] } },
      /is everything, which Proxmox refuses/,
    ],
    [
      "everything in a set by an alias",
      { aliases: { all: "0.0.0.0/0" }, ipsets: { lan: ["all"] } },
      /ipsets\.lan\.0: all is everything/,
    ],
    ["a range in a set", { ipsets: { lan: ["10.0.0.1-10.0.0.9"] } }, /is not an entry of a set/],
    ["an unknown alias in a set", { ipsets: { lan: ["nobody"] } }, /there is no alias nobody/],
    [
      "two aliases that differ by case",
      { aliases: { Web: "10.9.9.9", web: "10.0.0.1" } },
      /aliases\.web: Proxmox does not tell web from Web/,
    ],
    [
      "two sets that differ by case",
      { ipsets: { Lan: ["10.0.0.1"], LAN: ["10.0.0.2"] } },
      /ipsets\.LAN: Proxmox does not tell LAN from Lan/,
    ],
    ["a name of one character", { aliases: { a: "10.0.0.1" } }, /is not a name for the firewall/],
  ];
  for (const [what, firewall, expected] of refused)
    it(`is refused: ${what}`, () => {
      for (const type of ["veth", "macvlan"] as const) {
        const found = problems(firewall, type);
        assert.equal(found.length, 1, found.join("\n"));
        assert.match(found.join(), expected);
      }
    });

  it("is refused inside a guest when only the node could enforce it", () => {
    for (const firewall of [
      { rules: [{ source: "dc/office" }] },
      { rules: [{ destination: "+dc/office" }] },
      { ipsets: { lan: ["dc/office"] } },
      { ipsets: { "ipfilter-net1": ["10.0.0.1"] } },
    ]) {
      assert.deepEqual(problems(firewall, "veth"), []);
      assert.match(
        problems(firewall, "macvlan").join(),
        /inside the guest cannot see|for veth only/,
      );
    }
  });
});
