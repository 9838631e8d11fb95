import assert from "node:assert/strict";

import fc from "fast-check";

import { toAddress, toNumber } from "../../model/net";
import { poolOf } from "../../model/pool";
import { minimal, site } from "../support/sites";

const pool = (last: number, apps: number) =>
  poolOf(
    site({
      ...minimal,
      network: { dhcp: { start: "10.20.0.100", end: `10.20.0.${last}` } },
      apps: Object.fromEntries(
        Array.from({ length: apps }, (_, index) => [`app-${index}`, { vmid: 1000 + index }]),
      ),
    }),
  );

describe("the pool", () => {
  it("leaves the apps as many addresses as they need, whatever other guests take", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 250 }),
        fc.integer({ min: 0, max: 40 }),
        (last, n) => {
          const size = last - 99;
          fc.pre(n <= size);
          const { needed, others } = pool(last, n);
          assert.equal(needed, n);
          const taken =
            others === undefined ? 0 : last - toNumber(others) + toNumber("10.20.0.0") + 1;
          assert.ok(size - taken >= n, `${size} addresses, ${taken} for others, ${n} apps`);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("counts a declared address in it, and none outside", () => {
    const apps = {
      inside: { vmid: 101, address: "10.20.0.120" },
      outside: { vmid: 102, address: "10.20.0.20" },
      direct: { vmid: 103, network: "direct" },
    };
    assert.equal(poolOf(site({ ...minimal, apps })).needed, 1);
  });
});

describe("an address as a number", () => {
  it("and back is the same", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        assert.equal(toAddress(toNumber(address)), address);
      }),
    );
  });
});
