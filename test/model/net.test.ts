import assert from "node:assert/strict";

import fc from "fast-check";

import * as net from "../../model/net";

const octets = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 });

describe("isIpv4", () => {
  for (const text of ["0.0.0.0", "10.20.0.1", "255.255.255.255"])
    it(`takes ${text}`, () => {
      assert.ok(net.isIpv4(text));
    });
  for (const text of [
    "",
    "10.20.0",
    "10.20.0.256",
    "010.20.0.1",
    "10.20.0.1/24",
    "a.b.c.d",
    "10.20.0.1\n",
  ])
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.ok(!net.isIpv4(text));
    });
});

describe("parseCidr", () => {
  it("keeps the address and finds network, mask and hosts", () => {
    assert.deepEqual(net.parseCidr("10.20.0.9/24"), {
      address: "10.20.0.9",
      network: "10.20.0.0",
      prefix: 24,
      mask: "255.255.255.0",
      broadcast: "10.20.0.255",
      first: "10.20.0.1",
      last: "10.20.0.254",
    });
  });

  for (const text of [
    "10.20.0.0",
    "10.20.0.0/",
    "10.20.0.0/33",
    "10.20.0.0/24/1",
    "10.20/16",
    "10.20.0.0/08",
  ])
    it(`refuses ${text}`, () => {
      assert.equal(net.parseCidr(text), undefined);
    });

  it("holds every address it is made of, and agrees with arithmetic", () => {
    fc.assert(
      fc.property(octets, fc.integer({ min: 8, max: 30 }), (parts, prefix) => {
        const address = parts.join(".");
        const cidr = net.parseCidr(`${address}/${prefix}`);
        assert.ok(cidr !== undefined && net.contains(cidr, address));
        const size = 2 ** (32 - prefix);
        assert.equal(net.toNumber(cidr.network), Math.floor(net.toNumber(address) / size) * size);
        assert.equal(net.toNumber(cidr.broadcast) - net.toNumber(cidr.network), size - 1);
        assert.ok(!net.isHostAddress(cidr, cidr.network));
        assert.ok(!net.isHostAddress(cidr, cidr.broadcast));
      }),
    );
  });
});

describe("overlaps", () => {
  const cidr = (text: string) => net.parseCidr(text) ?? assert.fail(text);
  it("sees a network inside another, from both sides", () => {
    assert.ok(net.overlaps(cidr("10.0.0.0/8"), cidr("10.20.0.0/24")));
    assert.ok(net.overlaps(cidr("10.20.0.0/24"), cidr("10.0.0.0/8")));
  });
  it("lets neighbours be", () => {
    assert.ok(!net.overlaps(cidr("10.20.0.0/24"), cidr("10.20.1.0/24")));
  });
});

describe("deriveMac", () => {
  it("is the same for the same seed, so that a lease survives re-creation", () => {
    assert.equal(net.deriveMac("dev/nginx-01"), net.deriveMac("dev/nginx-01"));
    assert.notEqual(net.deriveMac("dev/nginx-01"), net.deriveMac("prod/nginx-01"));
  });
  it("is always a locally administered unicast MAC", () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        assert.ok(net.isUnicastMac(net.deriveMac(seed)));
        assert.match(net.deriveMac(seed), /^02:/);
      }),
    );
  });
});

describe("isUnicastMac", () => {
  it("refuses the group bit, as Proxmox does", () => {
    assert.ok(net.isUnicastMac("02:00:00:00:01:01"));
    assert.ok(!net.isUnicastMac("03:00:00:00:01:01"));
    assert.ok(!net.isUnicastMac("02:00:00:00:01"));
  });
});

describe("toLabel", () => {
  it("makes a label of any text that has a letter or digit", () => {
    assert.equal(net.toLabel("My App_01!"), "my-app-01");
    fc.assert(
      fc.property(fc.string(), (text) => {
        const label = net.toLabel(text);
        assert.ok(label === "" || net.isLabel(label));
      }),
    );
  });
});

describe("bridge names", () => {
  it("tells what the kernel takes from what the network API takes", () => {
    assert.ok(net.isInterfaceName("proximity-lan") && !net.isApiBridgeName("proximity-lan"));
    assert.ok(net.isInterfaceName("proxlan") && net.isApiBridgeName("proxlan"));
    assert.ok(!net.isInterfaceName("a-name-of-16-chr"));
    assert.ok(!net.isApiBridgeName("vmbr1234567"));
    assert.ok(
      !net.isInterfaceName("br 0") && !net.isInterfaceName("br/0") && !net.isInterfaceName("-br"),
    );
  });
});
