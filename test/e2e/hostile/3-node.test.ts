import assert from "node:assert/strict";

import { planned } from "../support/changes";
import { checkout, mustOn } from "../support/world";
import { addressOf } from "../support/world";
import { amount, attack, client, evil, heardAt, nodeAddress, seed, upWithEvil } from "./support";

const bridge = "proximity-lan";

/** What the node hears of frames that are for the bridge itself or for everybody. */
function heard(): number {
  const mac = mustOn("pve1", `cat /sys/class/net/${bridge}/address`);
  return heardAt("pve1", 5996, () => {
    for (const dst of ["ff:ff:ff:ff:ff:ff", mac, "01:00:5e:00:00:01"])
      for (const from of ["0.0.0.0", addressOf(evil), nodeAddress, "127.0.0.1", "192.168.1.50"])
        for (const to of ["255.255.255.255", "224.0.0.1", nodeAddress, "10.20.0.255"])
          attack("udp eth0 dport=5996 count=1", `dst=${dst}`, `from=${from}`, `to=${to}`);
  });
}

describe("the node", () => {
  before(() => {
    upWithEvil();
  });

  it("hears nothing from the bridge, whatever the frame says of sender and receiver", () => {
    assert.equal(heard(), 0);
    const control = () => mustOn(client, `bash -c 'echo lan >/dev/udp/${nodeAddress}/5996'`);
    assert.equal(heardAt("pve1", 5996, control), 1, "or this proves nothing");
  });

  it("hears nothing after its networks were loaded again", () => {
    mustOn("pve1", `nft delete table netdev closed-${bridge}; ifdown ${bridge}; ifup ${bridge}`);
    assert.match(mustOn("pve1", "nft list ruleset"), /hook ingress device "proximity-lan"/);
    mustOn("pve1", "for vmid in 100 101 102 103; do pct reboot $vmid & done; wait");
    assert.equal(heard(), 0);
  });

  it("is closed again by an update when somebody opened it", () => {
    mustOn("pve1", "nft flush ruleset");
    assert.ok(heard() > 0, "without the filter it hears them, or this proves nothing");
    assert.deepEqual(planned(), [`update ${bridge}-isolation`]);
    checkout().must("make", ["up"]);
    assert.equal(heard(), 0);
    assert.deepEqual(planned(), []);
  });

  it(`goes on through ${amount(5_000, 100_000)} made-up MAC addresses`, () => {
    attack("macs eth0", amount(5_000, 100_000), seed);
    assert.equal(heard(), 0);
    assert.deepEqual(planned(), []);
  });
});
