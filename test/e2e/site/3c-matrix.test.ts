import assert from "node:assert/strict";

import { answers, dhcp, listen, mustAt, open, stopListening, type Place } from "../support/matrix";
import { linkLocalOf } from "../support/probes";
import { addressOf, checkout, mustInside, mustOn, outputs } from "../support/world";

const [appliance, app, app2] = [100, 101, 102] as const;
const [node, client, outside] = ["pve1", "lan-client", "outside"] as const;
const gateway = "10.20.0.1";
/** What the appliance has for each side. */
const forApps = ["ping", "tcp 80", "tcp 8080"];
const forLan = ["ping", "tcp 80", "tcp 8080", "tcp 9090"];

describe("who reaches what", () => {
  const listeners: readonly Place[] = [app, app2, node, client, outside];
  let address: Readonly<Record<string, string>>;

  before(() => {
    checkout().must("make", ["up"]);
    const wan = outputs().appliance.wanAddress;
    address = {
      app: addressOf(app),
      app2: addressOf(app2),
      inside: gateway,
      wan,
      node: "192.168.1.10",
      client: "192.168.1.50",
      outside: "198.51.100.10",
    };
    for (const place of listeners) listen(place);
    // As somebody on the LAN would who wants in.
    for (const host of [node, client]) mustOn(host, `ip route replace 10.20.0.0/24 via ${wan}`);
  });
  after(() => {
    for (const place of listeners) stopListening(place);
    for (const host of [node, client]) mustOn(host, "ip route delete 10.20.0.0/24");
  });

  const all = (place: Place, own: string) =>
    answers(place, Object.fromEntries(Object.entries(address).filter(([name]) => name !== own)));
  const those = (...lists: readonly (readonly string[])[]) => lists.flat().sort();

  for (const [vmid, own, other] of [
    [app, "app", "app2"],
    [app2, "app2", "app"],
  ] as const)
    it(`${own} reaches its neighbour, the outside, and of the appliance what is for apps`, () => {
      const expected = [open(other), open("outside")];
      assert.deepEqual(
        all(vmid, own),
        // The resolver is not there for the LAN's address, whoever asks.
        those(...expected, open("inside", "udp 53", ...forApps), open("wan", ...forApps)),
      );
    });

  for (const [host, own, other] of [
    [client, "client", "node"],
    [node, "node", "client"],
  ] as const)
    it(`the ${own} reaches the proxy and the console, and no app`, () => {
      const expected = [open(other), open("outside")];
      assert.deepEqual(
        all(host, own),
        those(...expected, open("inside", ...forLan), open("wan", ...forLan)),
      );
    });

  it("the outside reaches, once the router lets it, what the LAN does", () => {
    const expected = [open("client"), open("node"), open("wan", ...forLan)];
    assert.deepEqual(all(outside, "outside"), those(...expected));
  });

  it("DHCP answers the apps alone, and the LAN's own server the LAN", () => {
    assert.deepEqual(dhcp(app, "discover eth0"), [gateway]);
    assert.deepEqual(dhcp(client, "discover eth0"), ["192.168.1.1"]);
    assert.deepEqual(dhcp(node, "discover vmbr0"), ["192.168.1.1"]);
  });

  it("by IPv6 an app reaches its neighbour and nothing of the appliance", () => {
    const linkLocal = (place: Place, nic: string, by: string) =>
      `fe80::${linkLocalOf(mustAt(place, `cat /sys/class/net/${nic}/address`))}%${by}`;
    assert.deepEqual(
      answers(app, {
        app2: linkLocal(app2, "eth0", "eth0"),
        inside: linkLocal(appliance, "eth1", "eth0"),
      }),
      [...open("app2")].sort(),
    );
    const wan = linkLocal(appliance, "eth0", "eth0");
    assert.deepEqual(answers(client, { wan }), open("wan", "tcp 80", "tcp 8080", "tcp 9090"));
  });

  describe("an app with a false identity", () => {
    const counted = (step: () => void): number => {
      mustInside(
        appliance,
        `nft -f - <<'NFT'
table inet matrix {
  chain seen {
    type filter hook prerouting priority mangle;
    iifname "eth1" udp dport 5999 counter
  }
}
NFT`,
      );
      step();
      const seen = mustInside(
        appliance,
        "nft list table inet matrix; nft delete table inet matrix",
      );
      return Number(/packets (\d+)/.exec(seen)?.[1]);
    };
    const send = "for _ in 1 2 3; do bash -c 'echo hello >/dev/udp/10.20.0.1/5999'; done";

    it("gets nowhere with another's address, and as itself it does", () => {
      assert.equal(
        counted(() => mustInside(app, send)),
        3,
      );
      const taken = `ip address add ${address["app2"] ?? ""}/32 dev eth0
        ip route replace ${gateway} dev eth0 src ${address["app2"] ?? ""}
        ${send}
        ip route delete ${gateway} dev eth0; ip address delete ${address["app2"] ?? ""}/32 dev eth0`;
      assert.equal(
        counted(() => mustInside(app, taken)),
        0,
      );
    });

    it("gets nowhere with another MAC", () => {
      const mac = mustInside(app, "cat /sys/class/net/eth0/address");
      const other = (to: string) =>
        `ip link set eth0 address ${to}; ip neigh flush dev eth0; ip neigh replace ${gateway} lladdr $(cat /run/gateway.mac) dev eth0`;
      mustInside(
        app,
        `ping -c 1 ${gateway} >/dev/null; ip neigh show ${gateway} | sed 's/.*lladdr \\([^ ]*\\).*/\\1/' >/run/gateway.mac`,
      );
      assert.equal(
        counted(() => mustInside(app, `${other("02:db:00:00:00:99")}; ${send}; ${other(mac)}`)),
        0,
      );
      assert.equal(
        counted(() => mustInside(app, `${send}; ip neigh flush dev eth0; rm /run/gateway.mac`)),
        3,
      );
    });
  });
});
