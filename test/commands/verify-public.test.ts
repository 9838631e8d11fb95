import assert from "node:assert/strict";

import { runChecks } from "../../commands/checks";
import { publicLines } from "../../commands/verify/public";
import { parseInside, type Asker, type PublicQuestions } from "../../commands/verify/public-view";
import { gateway, gatewayWith, minimal, site } from "../support/sites";

/** As scripts/node/ask-public.sh printed it of the lab's gateway. */
const recorded = `address 192.168.1.153/24
mac 02:00:00:00:01:01
listens 0.0.0.0:22
listens 0.0.0.0:80
listens 0.0.0.0:443
listens 127.0.0.1:6010
listens [::]:22
listens [::]:443
default via 192.168.1.1 dev eth1
rule from 10.0.0.153 lookup 1000
rule from 192.168.1.153 lookup 1001
inner 10.0.0.1 dev eth0 src 10.0.0.153 uid 0 \\    cache 
`;

const withNginx = gatewayWith({}, { nginx: {} });
const value = {
  ...withNginx,
  network: { ...gateway.network, dns: { wildcards: { "thinkheads.ai": "192.168.1.153" } } },
};

describe("the checklist of guests on the LAN", () => {
  let asked: { asker: Asker; ports: readonly number[] }[] = [];
  const answers = (
    change: {
      text?: string;
      open?: readonly number[];
      rules?: readonly string[];
      dns?: string;
    } = {},
  ): PublicQuestions => ({
    inside: () => Promise.resolve(parseInside(change.text ?? recorded)),
    open: (asker, address, ports) => {
      asked.push({ asker, ports });
      assert.equal(address, "192.168.1.153");
      return Promise.resolve(change.open ?? [80, 443]);
    },
    oldRules: () => Promise.resolve(change.rules ?? []),
    names: () => Promise.resolve([`any.thinkheads.ai ${change.dns ?? "192.168.1.153"}`]),
  });
  const run = async (declared: unknown, questions: PublicQuestions) =>
    runChecks(publicLines(site(declared), questions), undefined);

  beforeEach(() => {
    asked = [];
  });

  it("is all right where everything is as declared", async () => {
    const results = await run(value, answers());
    assert.deepEqual(
      results.map(({ name, verdict }) => `${verdict} ${name}`),
      [
        "ok eth1 has the public address",
        "ok eth1 uses the declared MAC address",
        "ok nginx listens on all interfaces",
        "ok DNS wildcards resolve to their address",
        "ok Outside traffic reaches the declared ports and no others",
        "ok One default route, and replies leave where the request came in",
        "ok Internal traffic flows over eth0",
        "ok No host-level NAT is left",
      ],
    );
    // The appliance is a neighbour on the LAN; loopback ports are nobody's business.
    assert.deepEqual(asked, [
      { asker: { from: "100", name: "prox-appliance" }, ports: [22, 80, 443] },
    ]);
  });

  const cases: readonly (readonly [string, string, Parameters<typeof answers>[0], RegExp])[] = [
    ["eth1 has", "another address", { text: recorded.replace("153/24", "154/24") }, /154\/24, not/],
    ["eth1 has", "no interface", { text: recorded.replace(/^address.*\n/m, "") }, /none, not/],
    ["eth1 uses", "another MAC", { text: recorded.replace(":01:01", ":01:02") }, /01:02, not/],
    [
      "nginx listens",
      "nginx on the inner address",
      { text: recorded.replace("0.0.0.0:443", "10.0.0.153:443") },
      /nothing on 0\.0\.0\.0:443/,
    ],
    [
      "nginx listens",
      "nginx on IPv4 alone",
      { text: recorded.replace("[::]:443", "[::1]:443") },
      /nothing on \[::\]:443/,
    ],
    ["DNS wildcards", "another answer", { dns: "10.0.0.153" }, /not so: any\.thinkheads\.ai/],
    ["DNS wildcards", "no answer", { dns: "" }, /not so/],
    ["Outside traffic", "a port that should open", { open: [80] }, /443 does not open/],
    [
      "Outside traffic",
      "a port that should not",
      { open: [22, 80, 443] },
      /22 is open, though not/,
    ],
    [
      "One default route",
      "two default routes",
      { text: `${recorded}default via 10.0.0.1 dev eth0\n` },
      /2 default routes/,
    ],
    [
      "One default route",
      "the inner router as default",
      { text: recorded.replace("192.168.1.1 dev eth1", "10.0.0.1 dev eth0") },
      /default via 10\.0\.0\.1/,
    ],
    [
      "One default route",
      "no rule for replies",
      { text: recorded.replace(/^rule from 192.*\n/m, "") },
      /no rule "from 192\.168\.1\.153 lookup 1001"/,
    ],
    [
      "Internal traffic",
      "the inner side by the LAN",
      { text: recorded.replace("10.0.0.1 dev eth0", "10.0.0.1 via 192.168.1.1 dev eth1") },
      /dev eth1/,
    ],
    [
      "No host-level NAT",
      "a rule that is left",
      { rules: ["iptables-nft: nat -A PREROUTING -j DNAT"] },
      /still there: iptables-nft/,
    ],
  ];
  for (const [line, what, change, seen] of cases)
    it(`fails for ${what}, and for nothing else`, async () => {
      const wrong = (await run(value, answers(change))).filter(({ verdict }) => verdict !== "ok");
      assert.deepEqual([wrong.length, wrong[0]?.verdict], [1, "failed"]);
      assert.ok(wrong[0]?.name.startsWith(line), wrong[0]?.name);
      assert.match(wrong[0]?.seen ?? "", seen);
      assert.match(wrong[0]?.action ?? "", /make up/);
    });

  it("takes what a rule lets through for declared, be it for some alone", async () => {
    for (const rule of [
      { macro: "SSH", source: "192.168.1.50" },
      { protocol: "tcp", port: "20:30" },
      {},
    ]) {
      const nic = { firewall: { rules: [rule] } };
      const results = await run(gatewayWith(nic), answers({ open: [22, 80, 443] }));
      assert.ok(results.every(({ verdict }) => verdict !== "failed"));
    }
    const off = { firewall: { rules: [{ macro: "SSH", enabled: false }] } };
    const results = await run(gatewayWith(off), answers({ open: [22, 80, 443] }));
    assert.ok(results.some(({ verdict }) => verdict === "failed"));
  });

  describe("without an appliance", () => {
    const apart = (nic: object) => ({
      ...gatewayWith(nic, { internal: { bridge: "vmbr1", address: "10.0.0.153/24" } }),
      obsoleteNat: [],
    });

    it("asks from the node where that reaches the guest", async () => {
      await run(apart({ type: "veth" }), answers());
      await run(apart({ hostShim: true }), answers());
      assert.deepEqual(
        asked.map(({ asker }) => asker.from),
        ["-", "-"],
      );
    });

    it("says that a macvlan guest was not asked, and how to", async () => {
      const results = await run(apart({}), answers());
      const line = results.find(({ name }) => name.startsWith("Outside traffic"));
      assert.equal(line?.verdict, "skipped");
      assert.match(line.seen, /does not reach a macvlan guest: ask from a machine of the LAN/);
      assert.deepEqual(asked, []);
    });
  });

  it("is empty for a site without such guests", () => {
    assert.deepEqual(publicLines(site(minimal), answers()), []);
  });
});
