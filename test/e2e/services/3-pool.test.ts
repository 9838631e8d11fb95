import assert from "node:assert/strict";

import { waitFor } from "../../../lab/world/wait";
import { dhcp } from "../support/matrix";
import { appliance, asker, declareServices } from "../support/services";
import { checkout, mustInside } from "../support/world";

describe("the pool", () => {
  /** Of 10.20.0.100 to .250, the last quarter is for guests that are not declared. */
  const [first, last] = [213, 250];
  const share = last - first + 1;
  /** Addresses of that share that somebody has. */
  const leased = (): readonly number[] =>
    mustInside(appliance, "cat /var/lib/misc/dnsmasq.leases")
      .split("\n")
      .map((line) => Number(/ 10\.20\.0\.(\d+) /.exec(line)?.[1]))
      .filter((number) => number >= first && number <= last);

  before(() => {
    declareServices();
    checkout().must("make", ["up"]);
  });

  it("gives each of 38 clients that are not declared an address, and the next one none", async () => {
    const free = share - leased().length;
    const got = dhcp(asker, `lease eth0 1 ${free}`);
    try {
      const addresses = got.map((line) => line.split(" ")[1]);
      assert.equal(new Set(addresses).size, free, got.join("\n"));
      assert.ok(!addresses.includes("none"));
      assert.equal(new Set(leased()).size, share);
      assert.match(dhcp(asker, `lease eth0 ${free + 1} 1`).join(), / none$/);
    } finally {
      dhcp(asker, "release eth0", got.join("\n"));
    }
    // What was given back can be had again; dnsmasq writes its file anew at each of them.
    await waitFor("the leases to be given back", 30_000, () => leased().length === share - free);
  });
});
