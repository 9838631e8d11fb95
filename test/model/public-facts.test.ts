import assert from "node:assert/strict";

import { parseLook, repairOnNode } from "../../model/drift";
import { checkPublic, parsePublicFacts } from "../../model/public-facts";
import { gateway, gatewayWith, site } from "../support/sites";

const said = (...lines: readonly (readonly [string, string])[]) =>
  [["101", "end", ""], ...lines.map((line) => ["public-interfaces", ...line])]
    .map((words) => words.join("\t"))
    .join("\n");
const node = [
  ["bridge", "vmbr0"],
  ["address", "192.168.1.13/24"],
] as const;

const problems = (value: unknown, text: string) => {
  const facts = parsePublicFacts(text) ?? assert.fail("no facts");
  return checkPublic(site(value), facts).map(({ path, message }) => `${path}: ${message}`);
};

describe("what the node has for interfaces on the LAN", () => {
  it("fits the seed's gateway on the seed's LAN", () => {
    assert.deepEqual(problems(gateway, said(...node)), []);
  });

  it("is not known where nobody asked, or where the question failed", () => {
    assert.equal(parsePublicFacts("101\tend\t"), undefined);
    assert.equal(parsePublicFacts(said(...node, ["off", "no answer"])), undefined);
  });

  it("is not judged by a bridge without an address", () => {
    assert.deepEqual(problems(gateway, said(["bridge", "vmbr0"])), []);
  });

  const path = "guests.gateway.publicInterface";
  for (const [what, value, text, expected] of [
    [
      "an address of another network, though the default route has an answer for it",
      gatewayWith({ ip: "192.168.2.153/24", gw: "192.168.2.1" }),
      said(...node),
      `${path}.ip: 192.168.2.153/24 is of 192.168.2.0/24, while the node has 192.168.1.13/24 on vmbr0. `,
    ],
    [
      "another prefix",
      gatewayWith({ ip: "192.168.1.153/25", gw: "192.168.1.129" }),
      said(...node),
      `${path}.ip: 192.168.1.153/25 is of 192.168.1.128/25, while`,
    ],
    [
      "the node's own address",
      gatewayWith({ ip: "192.168.1.13/24" }),
      said(...node),
      `${path}.ip: 192.168.1.13 is the node's own address on vmbr0.`,
    ],
    [
      "no such bridge",
      gateway,
      said(["lacks", "macvlan"]),
      "network.publicBridge: there is no vmbr0 on pve1.",
    ],
    [
      "a kernel without the type",
      gatewayWith({ type: "ipvlan" }),
      said(...node, ["lacks", "ipvlan"]),
      `${path}.type: the kernel of pve1 cannot make ipvlan. Choose another type.`,
    ],
    [
      "an alias that the datacenter does not have",
      gatewayWith({ type: "veth", firewall: { rules: [{ source: "dc/HQ" }] } }),
      said(...node, ["set", "hq"], ["alias", "office"]),
      `${path}.firewall.rules.0.source: the datacenter has no alias hq. Create it`,
    ],
    [
      "a set that it does not have",
      gatewayWith({ type: "veth", firewall: { rules: [{ destination: "+dc/hq" }] } }),
      said(...node, ["alias", "hq"]),
      `${path}.firewall.rules.0.destination: the datacenter has no set hq. Create it`,
    ],
    [
      "such an alias in a set",
      gatewayWith({ type: "veth", firewall: { ipsets: { lan: ["10.0.0.1", "!dc/hq"] } } }),
      said(...node),
      `${path}.firewall.ipsets.lan.1: the datacenter has no alias hq. Create it`,
    ],
  ] as const)
    it(`refuses ${what}`, () => {
      const found = problems(value, text);
      assert.equal(found.length, 1);
      assert.ok(found[0]?.startsWith(expected), found[0]);
    });

  it("has the datacenter's names, which rules may use", () => {
    const firewall = {
      rules: [{ source: "dc/hq", destination: "+dc/Branches" }],
      ipsets: { lan: ["dc/HQ"] },
    };
    const names = [["alias", "hq"] as const, ["set", "branches"] as const];
    assert.deepEqual(
      problems(gatewayWith({ type: "veth", firewall }), said(...node, ...names)),
      [],
    );
  });

  it("says why a route is no proof", () => {
    const value = gatewayWith({ ip: "192.168.2.153/24", gw: "192.168.2.1" });
    assert.match(problems(value, said(...node)).join(), /ip route get .* proves nothing/);
  });
});

describe("old rules of the node", () => {
  it("are shown before they go, and are no drift", () => {
    const lines = ["absent\tOld rules go:", "found\tiptables-nft: nat -A X -j DNAT"];
    const look = parseLook(lines.map((line) => `obsolete-nat-removal\t${line}`).join("\n"));
    assert.deepEqual(repairOnNode(look, "obsolete-nat-removal"), {
      reason: "Old rules go:\n    iptables-nft: nat -A X -j DNAT",
      drift: false,
    });
    assert.equal(repairOnNode(parseLook(""), "obsolete-nat-removal"), undefined);
  });
});
