import assert from "node:assert/strict";

import { waitFor } from "../../../lab/world/wait";
import { checkout, addressOf, get, inside, mustInside, mustOn, outputs } from "../support/world";
import {
  amount,
  appliance,
  attack,
  client,
  evil,
  gateway,
  heardAt,
  leases,
  macOf,
  notes,
  outsideAddress,
  reconnect,
  seed,
  statusWith,
  upWithEvil,
  victim,
} from "./support";

describe("DHCP", () => {
  let wan: string;
  let address: string;
  let mac: string;

  before(() => {
    wan = upWithEvil().appliance.wanAddress;
    address = addressOf(victim);
    mac = macOf(victim);
  });

  const page = () => get(client, `http://${wan}/nginx-01/`).status;

  it("takes no word about an app from another sender", () => {
    const before = leases();
    for (const type of ["release", "decline", "discover", "request", "inform"])
      for (const to of ["255.255.255.255", gateway])
        assert.equal(
          attack(
            `dhcp eth0 type=${type}`,
            `chaddr=${mac}`,
            `ciaddr=${address}`,
            `server=${gateway}`,
            `to=${to}`,
          ),
          "none",
          type,
        );
    assert.equal(leases(), before);
    assert.equal(page(), "200");
    assert.equal(inside(victim, `ping -c 1 -W 2 ${outsideAddress}`).code, 0);
  });

  it("gives an app the address again that it released, although others ask for it meanwhile", () => {
    reconnect(victim, () => {
      assert.doesNotMatch(leases(), new RegExp(mac));
      for (const src of [macOf(evil), "02:aa:00:00:00:01"])
        assert.notEqual(attack("dhcp eth0 type=lease", `ask=${address}`, `src=${src}`), address);
    });
    assert.equal(addressOf(victim), address);
  });

  it("answers no relay, no other port, and nothing that is not for the appliance", () => {
    for (const word of ["giaddr=192.168.1.10", "sport=4000", "to=192.168.1.10", "op=2"])
      assert.equal(attack("dhcp eth0 type=discover", word), "none", word);
  });

  it("does not carry a false address in a DHCP packet either", () => {
    // A guest that asked for the address of another above has given up its own.
    reconnect(evil);
    const lan = macOf(appliance, "eth1");
    const packets = (from: string, sport: number, dport: number) => () =>
      attack(
        "udp eth0",
        `dst=${lan}`,
        `from=${from}`,
        `to=${outsideAddress}`,
        `sport=${sport}`,
        `dport=${dport}`,
      );
    assert.equal(heardAt("outside", 67, packets(addressOf(notes), 68, 67)), 0);
    assert.equal(
      heardAt("outside", 67, packets(addressOf(evil), 68, 67)),
      3,
      "or this proves nothing",
    );
  });

  it("keeps addresses for the declared apps while made-up clients take all they get, and says so", async () => {
    const got = Number(attack("starve eth0", 60, seed));
    assert.ok(got > 0 && got <= 38, `${got} strangers got an address`);
    const undeclared = leases()
      .split("\n")
      .filter((line) => / \* \*$/.test(line)).length;
    assert.equal(undeclared, 38);
    await statusWith("a full pool in the status", ({ problems }) =>
      problems.some(({ message }) => message.startsWith("Guests that are not declared hold 38")),
    );
    reconnect(victim);
    assert.equal(addressOf(victim), address);
    checkout().edit(({ config }) => {
      config["proximity-lan:site"].apps["late"] = { vmid: 104, memory: 128 };
    });
    checkout().must("make", ["up"]);
    assert.match(outputs().apps["late"]?.address ?? "", /^10\.20\.0\.\d+$/);
    checkout().edit(({ config }) => {
      const site = config["proximity-lan:site"];
      delete site.apps["late"];
      site["removed"] = { late: 104 };
    });
    checkout().must("make", ["up"]);
  });

  it(`serves the apps through ${amount(5_000, 100_000)} generated packets, which open nothing`, async () => {
    attack("fuzz dhcp eth0", amount(5_000, 100_000), seed);
    await statusWith("the flood in the status", ({ problems }) =>
      problems.some(({ message }) => message.startsWith("A guest floods DHCP")),
    );
    assert.equal(
      mustInside(appliance, "systemctl is-active dnsmasq nftables caddy | sort -u"),
      "active",
    );
    reconnect(victim);
    assert.equal(addressOf(victim), address);
    assert.equal(page(), "200");
    assert.doesNotMatch(leases(), /^\d+ \w+-/m);
    const before = mustInside(appliance, "nft -s -t list table inet proximity");
    mustOn("pve1", `pct stop ${appliance}; pct start ${appliance}`);
    await waitFor("the app through the proxy", 60_000, () => page() === "200");
    assert.equal(mustInside(appliance, "nft -s -t list table inet proximity"), before);
    assert.equal(mustInside(appliance, "cat /proc/sys/net/ipv4/ip_forward"), "1");
  });
});
