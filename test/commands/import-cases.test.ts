/** What becomes of single keys of a Phoenix container, each kind with its neighbors. */
import assert from "node:assert/strict";

import { BASE, INNER, noteOn, of, one, verdict } from "../support/phoenix-files";

describe("the import of a Phoenix container's", () => {
  describe("resolvers", () => {
    for (const [written, wanted] of [
      ["10.0.0.2", ["10.0.0.2"]],
      ["10.0.0.2 9.9.9.9", ["10.0.0.2", "9.9.9.9"]],
      ["10.0.0.2,9.9.9.9", ["10.0.0.2", "9.9.9.9"]],
      [
        ["10.0.0.2", "9.9.9.9"],
        ["10.0.0.2", "9.9.9.9"],
      ],
    ] as const)
      it(`are nameservers: ${JSON.stringify(written)}`, () => {
        for (const key of ["nameservers", "nameserver"]) {
          const { guest, notes, site } = one({ network_config: { ...INNER, [key]: written } });
          assert.deepEqual([guest["nameservers"], notes, verdict(site)], [wanted, [], []]);
        }
      });

    it("are named where they are no IPv4 addresses", () => {
      const { guest, notes, site } = one({
        network_config: { ...INNER, nameservers: "fd00::1 9.9.9.9" },
      });
      assert.deepEqual([guest["nameservers"], verdict(site)], [["9.9.9.9"], []]);
      assert.match(noteOn(notes, "120.network_config.nameservers"), /not an IPv4 address/);
    });
  });

  describe("MAC address", () => {
    const mac = "02:00:00:00:00:20";

    it("is taken from hwaddr, where mac_address is not there", () => {
      const { internal, notes } = one({ network_config: { ...INNER, hwaddr: mac } });
      assert.deepEqual([internal["mac"], notes], [mac, []]);
    });

    it("is taken from mac_address, and hwaddr is named when it differs", () => {
      const hwaddr = { network_config: { ...INNER, hwaddr: mac } };
      const same = one({ ...hwaddr, mac_address: mac.toUpperCase() });
      assert.deepEqual([same.internal["mac"], same.notes], [mac, []]);
      const other = one({ ...hwaddr, mac_address: "02:00:00:00:00:21" });
      assert.equal(other.internal["mac"], "02:00:00:00:00:21");
      assert.match(noteOn(other.notes, "120.network_config.hwaddr"), /differs from mac_address/);
    });

    it("is named and left out when no interface can have it", () => {
      const { internal, notes, site } = one({ mac_address: "01:23:45:67:89:A0" });
      assert.deepEqual([internal["mac"], verdict(site)], [undefined, []]);
      assert.match(noteOn(notes, "120.mac_address"), /not a unicast MAC address/);
    });
  });

  it("swap is swap, by both of its names", () => {
    for (const key of ["swap_mb", "swap"]) {
      const { guest, notes } = one({ [key]: 512 });
      assert.deepEqual([guest["swap"], notes], [512, []]);
    }
    const { guest, notes } = one({ swap_mb: 512, swap: 256 });
    assert.equal(guest["swap"], 512);
    assert.match(noteOn(notes, "120.swap"), /differs from swap_mb/);
  });

  it("numbers may be texts, as in older files", () => {
    const { guest, notes, problems } = one({ cores: "2", memory_mb: "640", storage_size_gb: "64" });
    assert.deepEqual(
      [guest["cores"], guest["memory"], guest["disk"], notes, problems],
      [2, 640, 64, [], []],
    );
    assert.deepEqual(one({ cores: "two", memory_mb: 0.5 }).problems, [
      "120.cores: is not a whole number.",
      "120.memory_mb: is not a whole number.",
    ]);
  });

  describe("template marks", () => {
    for (const mark of [
      { is_template: true },
      { is_template: "true" },
      { template_snapshot_name: "final-form" },
    ])
      it(`leave it out: ${JSON.stringify(mark)}`, () => {
        const { guests, notes } = of({
          "900": { ...BASE, ...mark },
          "120": { ...BASE, name: "other", network_config: INNER },
        });
        assert.deepEqual(Object.keys(guests), ["other"]);
        assert.match(noteOn(notes, "900 (web-1)"), /template to clone from/);
      });

    it("that say false do not", () => {
      const { guests, notes } = one({ is_template: false });
      assert.deepEqual([Object.keys(guests), notes], [["web-1"], []]);
    });
  });

  it("names are refused where two of them make one host name", () => {
    const named = (...names: readonly string[]) =>
      of(
        Object.fromEntries(
          names.map((name, at) => [String(120 + at), { ...BASE, name, network_config: INNER }]),
        ),
      ).problems;
    for (const [a, b] of [
      ["Web_1", "web-1"],
      ["web.1", "Web 1"],
      ["x".repeat(63), "x".repeat(64)],
    ] as const)
      assert.match(named(a, b).join(), /^121\.name: 120 and 121 would both be /);
    assert.match(named("???").join(), /^120\.name: has no letter or digit/);
    assert.deepEqual(named("web-1", "web-2"), []);
    // One that is left out takes no name from anybody.
    const template = { ...BASE, name: "Web_1", is_template: true };
    assert.deepEqual(one({}).problems, of({ "119": template, "120": BASE }).problems);
  });

  describe("public interface", () => {
    const nic = { type: "macvlan", ip: "192.168.1.20/24", gw: "192.168.1.1" };

    for (const off of [
      { enabled: false },
      { enabled: false, ip: "", gw: "nonsense" },
      { ...nic, enabled: false },
      { ...nic, enabled: "false" },
      nic,
      { ...nic, enabled: null },
    ])
      it(`is off, left out and named: ${JSON.stringify(off)}`, () => {
        const { guest, site, notes } = one({ public_interface: off });
        assert.equal(guest["public_interface"], undefined);
        assert.equal(site["obsoleteNat"], undefined);
        assert.match(noteOn(notes, "120.public_interface"), /off/);
        assert.deepEqual(verdict(site), []);
      });

    it("is on in both halves where it says so", () => {
      for (const enabled of [true, "true"]) {
        const { guest, site, notes } = one({ public_interface: { ...nic, enabled } });
        assert.deepEqual(guest["public_interface"], { ...nic, enabled: true });
        assert.deepEqual([site["obsoleteNat"], notes, verdict(site)], [["web-1"], [], []]);
      }
    });

    it("names what it cannot have, and keeps the rest", () => {
      const more = { enabled: true, name: "eth1", bridge: "vmbr9", vlan: 20 };
      const { site, notes } = one({ public_interface: { ...nic, ...more } });
      assert.match(noteOn(notes, "120.public_interface.bridge"), /network\.publicBridge/);
      assert.match(noteOn(notes, "120.public_interface.vlan"), /VLAN/);
      assert.deepEqual([notes.length, verdict(site)], [2, []]);
    });
  });

  describe("network line of older files", () => {
    for (const [line, nameservers] of [
      ["10.0.0.20/24,10.0.0.1,9.9.9.9", ["9.9.9.9"]],
      ["10.0.0.20/24,10.0.0.1,9.9.9.9 1.1.1.1", ["9.9.9.9", "1.1.1.1"]],
      ["10.0.0.20/24, 10.0.0.1", undefined],
    ] as const)
      it(`is address, router and resolvers: ${line}`, () => {
        const { guest, internal, notes, site } = one({ network_config: line });
        assert.deepEqual(
          [internal["address"], internal["gateway"], internal["bridge"], guest["nameservers"]],
          ["10.0.0.20/24", "10.0.0.1", "vmbr0", nameservers],
        );
        assert.match(noteOn(notes, "120.network_config"), /names no bridge, so it is vmbr0/);
        assert.deepEqual(verdict(site), []);
      });

    it("is refused where it has another shape", () => {
      assert.match(
        one({ network_config: "eth0" }).problems.join(),
        /^120\.network_config: must be/,
      );
    });
  });

  it("empty texts ask for nothing", () => {
    const empty = { nameservers: "", hwaddr: "" };
    const nic = { enabled: true, ip: "192.168.1.20/24", gw: "", mac_address: "" };
    const { guest, internal, notes, site } = one(
      { network_config: { ...INNER, ...empty }, mac_address: "", public_interface: nic },
      { domain_name: "", dns_server: { enabled: true, upstream_servers: [] } },
    );
    assert.deepEqual(internal, { bridge: "vmbr1", address: INNER.ip, gateway: INNER.gw });
    assert.deepEqual(guest["public_interface"], { enabled: true, ip: nic.ip });
    assert.deepEqual([notes, verdict(site)], [[], []]);
  });

  it("older static_ip is its address, and is named when it differs", () => {
    const { name, bridge, gw } = INNER;
    const alone = one({ static_ip: "10.0.0.21/24", network_config: { name, bridge, gw } });
    assert.deepEqual([alone.internal["address"], alone.notes], ["10.0.0.21/24", []]);
    const { internal, notes } = one({ static_ip: "10.0.0.21/24" });
    assert.equal(internal["address"], INNER.ip);
    assert.match(noteOn(notes, "120.static_ip"), /differs from ip/);
  });

  it("router is named where DHCP announces one", () => {
    const { internal, notes, site } = one({ network_config: { ...INNER, ip: "dhcp" } });
    assert.equal(internal["gateway"], undefined);
    assert.match(noteOn(notes, "120.network_config.gw"), /DHCP/);
    assert.deepEqual(verdict(site), []);
  });

  it("VLAN and second interface are named, with what to do", () => {
    const { internal, notes } = one({
      network_config: { ...INNER, bridge: "vmbr0.20", tag: 20, mtu: 1400 },
      secondary_network_config: { name: "eth1", bridge: "vmbr100", ip: "172.16.100.10/24" },
      lxc_options: ["lxc.net.0.link: vmbr0.20"],
    });
    assert.equal(internal["bridge"], "vmbr0.20");
    assert.match(noteOn(notes, "120.network_config.bridge"), /VLAN interface of vmbr0/);
    assert.match(noteOn(notes, "120.network_config.tag"), /VLAN/);
    assert.match(noteOn(notes, "120.network_config.mtu"), /network\.mtu/);
    assert.match(noteOn(notes, "120.secondary_network_config"), /publicInterface/);
    assert.match(noteOn(notes, "120.lxc_options"), /publicInterface/);
  });

  it("VMID is kept where it is the appliance's, which gets another one", () => {
    const { site, guests } = of({
      "100": { ...BASE, network_config: INNER },
      "101": { ...BASE, name: "base", is_template: true },
    });
    assert.deepEqual(site["appliance"], { vmid: 102 });
    assert.equal(guests["web-1"]?.["vmid"], 100);
    assert.deepEqual(verdict(site), []);
  });
});
