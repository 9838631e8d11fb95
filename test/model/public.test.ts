import assert from "node:assert/strict";

import { parseSite } from "../../model/site";
import { gateway, gatewayWith, noSources, site } from "../support/sites";

const problems = (value: unknown) => {
  const result = parseSite(value, "dev", noSources);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
};

const guestOf = (value: unknown) => site(value).guests[0] ?? assert.fail("no guest");

describe("a guest with an address on the LAN", () => {
  it("is read with the names of the Phoenix files", () => {
    const { publicInterface, internal } = guestOf(gateway);
    assert.deepEqual(internal, {
      bridge: "proximity-lan",
      address: "10.0.0.153/24",
      gateway: "10.0.0.1",
      mac: internal.mac,
    });
    assert.equal(publicInterface?.macAddress, "02:00:00:00:01:01");
    assert.equal(publicInterface.bridge, "vmbr0");
    assert.deepEqual(publicInterface.firewall.open, [80, 443]);
    const named = { ...gateway, network: { ...gateway.network, public_bridge: "vmbr7" } };
    assert.equal(guestOf(named).publicInterface?.bridge, "vmbr7");
  });

  it("is refused when a key is written in both spellings", () => {
    const both = gatewayWith({ macAddress: "02:00:00:00:01:02" });
    assert.match(problems(both).join("\n"), /publicInterface\.mac_address: is not a key here/);
  });

  it("is as if it had none while that is switched off", () => {
    assert.equal(guestOf(gatewayWith({ enabled: false })).publicInterface, undefined);
  });

  it("gets MAC addresses from stack and name, another one on each side", () => {
    const { publicInterface, internal } = guestOf(gatewayWith({ mac_address: undefined }));
    assert.match(internal.mac, /^02(:[0-9A-F]{2}){5}$/);
    assert.match(publicInterface?.macAddress ?? "", /^02(:[0-9A-F]{2}){5}$/);
    assert.notEqual(internal.mac, publicInterface?.macAddress);
  });

  const twin = {
    ...gateway,
    guests: { ...gateway.guests, twin: { ...gateway.guests.gateway, vmid: 102 } },
  };
  for (const [what, value, expected] of [
    [
      "a gateway of another network",
      gatewayWith({ gw: "192.168.2.1" }),
      /gw: 192\.168\.2\.1 is outside 192\.168\.1\.0\/24/,
    ],
    [
      "itself as gateway",
      gatewayWith({ gw: "192.168.1.153" }),
      /gw: 192\.168\.1\.153 is the guest's own/,
    ],
    [
      "the network's own address",
      gatewayWith({ ip: "192.168.1.0/24" }),
      /ip: 192\.168\.1\.0 is not a host address/,
    ],
    [
      "an address without prefix",
      gatewayWith({ ip: "192.168.1.153" }),
      /ip: "192\.168\.1\.153" is not an IPv4 network/,
    ],
    [
      "a group MAC",
      gatewayWith({ mac_address: "03:00:00:00:01:01" }),
      /macAddress: .* is not a unicast MAC/,
    ],
    ["a type that LXC does not have", gatewayWith({ type: "phys" }), /publicInterface\.type/],
    [
      "a shim for a veth",
      gatewayWith({ type: "veth", hostShim: true }),
      /hostShim: the node reaches a veth/,
    ],
    [
      "the MAC and address of another guest",
      twin,
      /twin\.publicInterface\.macAddress: MAC .* is also that of guests\.gateway[^]*twin\.internal\.address: address|twin\.internal\.address: address 10\.0\.0\.153 is also/,
    ],
    [
      "a VMID of the appliance",
      gatewayWith({}, { vmid: 100 }),
      /guests\.gateway\.vmid: VMID 100 is also that of appliance/,
    ],
    [
      "no default route at all",
      gatewayWith({ gw: undefined }, { internal: { address: "10.0.0.153/24" } }),
      /internal\.gateway: is missing/,
    ],
    [
      "a router beside DHCP",
      gatewayWith({}, { internal: { gateway: "10.0.0.1" } }),
      /internal\.gateway: DHCP gives/,
    ],
    [
      "an inner address of another network",
      gatewayWith({}, { internal: { address: "10.9.0.5/24", gateway: "10.9.0.1" } }),
      /internal\.address: 10\.9\.0\.5\/24 is not of 10\.0\.0\.0\/24/,
    ],
    [
      "an unknown guest under obsoleteNat",
      { ...gateway, obsoleteNat: ["nobody"] },
      /obsoleteNat\.0: there is no guest "nobody"/,
    ],
    [
      "a rule that is none",
      { ...gateway, obsoleteNat: ["-A X; reboot"] },
      /obsoleteNat\.0: .* is not an address, a guest or a rule/,
    ],
  ] as const)
    it(`is refused with ${what}`, () => {
      assert.match(problems(value).join("\n"), expected);
    });
});

describe("an app with an address on the LAN", () => {
  const nic = { ip: "192.168.1.153/24", gw: "192.168.1.1" };
  const withApps = (apps: Readonly<Record<string, object>>) => ({ ...gateway, apps });

  it("is read like a guest, in both spellings", () => {
    for (const key of ["public_interface", "publicInterface"]) {
      const value = { ...gateway, guests: {}, obsoleteNat: [], apps: {} };
      const [app] = site({ ...value, apps: { wiki: { vmid: 102, [key]: nic } } }).apps;
      assert.equal(app?.publicInterface?.ip.address, "192.168.1.153");
      assert.equal(app.publicInterface.bridge, "vmbr0");
      assert.match(app.publicInterface.macAddress, /^02(:[0-9A-F]{2}){5}$/);
    }
  });

  it("has none while that is switched off, and is still known to have had one", () => {
    const value = withApps({ wiki: { vmid: 102, publicInterface: { ...nic, enabled: false } } });
    const [app] = site(value).apps;
    assert.deepEqual([app?.publicInterface, app?.publicDeclared], [undefined, true]);
  });

  for (const [what, app, expected] of [
    ["the address of a guest", { publicInterface: nic }, /153 is also that of apps\.wiki/],
    [
      "the MAC of a guest",
      { publicInterface: { ip: "192.168.1.9/24", mac_address: "02:00:00:00:01:01" } },
      /MAC 02:00:00:00:01:01 is also that of/,
    ],
    [
      "a gateway of another network",
      { publicInterface: { ip: "192.168.1.9/24", gw: "192.168.2.1" } },
      /apps\.wiki\.publicInterface\.gw: 192\.168\.2\.1 is outside/,
    ],
    [
      "network: direct",
      { network: "direct", publicInterface: { ip: "192.168.1.9/24" } },
      /apps\.wiki\.publicInterface: wiki is on the LAN already/,
    ],
    [
      "a rule that contradicts itself",
      { publicInterface: { ip: "192.168.1.9/24", firewall: { rules: [{ port: 22 }] } } },
      /apps\.wiki\.publicInterface\.firewall\.rules\.0: a port needs/,
    ],
  ] as const)
    it(`is refused with ${what}`, () => {
      assert.match(problems(withApps({ wiki: { vmid: 102, ...app } })).join("\n"), expected);
    });
});

describe("the firewall of a public interface", () => {
  const firewall = (value: object) => gatewayWith({ firewall: value });
  const rule = (value: object) => firewall({ rules: [value] });

  for (const [what, value, expected] of [
    [
      "a macro with a port",
      rule({ macro: "HTTPS", port: 443 }),
      /rules\.0: a port needs a protocol beside the macro HTTPS/,
    ],
    ["an unknown macro", rule({ macro: "Gopher" }), /"Gopher" is not a macro of Proxmox/],
    ["a port without protocol", rule({ port: 22 }), /rules\.0: a port needs the protocol/],
    [
      "an icmpType without icmp",
      rule({ protocol: "tcp", icmpType: "echo-request" }),
      /icmpType needs/,
    ],
    ["a set that is not declared", rule({ source: "+lan" }), /there is no set lan/],
    ["an alias that is not declared", rule({ source: "office" }), /there is no alias office/],
    ["a set of the datacenter inside a guest", rule({ source: "+dc/lan" }), /cannot see/],
    [
      "16 ports",
      rule({ protocol: "tcp", port: Array.from({ length: 16 }, (_, i) => i + 1).join() }),
      /the kernel takes 15/,
    ],
    ["a range backwards", rule({ protocol: "tcp", port: "90:80" }), /Write 80:90/],
  ] as const)
    it(`is refused with ${what}`, () => {
      assert.match(problems(value).join("\n"), expected);
    });

  // Each of these would begin or end something in a line of a .fw file, an nft file or a shell.
  const hostile = ["a\nb", "a]b", "a#b", "a b", 'a"b', "a;b", "$(a)"];
  const fields: Readonly<Record<string, (text: string) => unknown>> = {
    macro: (text) => rule({ macro: text }),
    port: (text) => rule({ protocol: "tcp", port: text }),
    sourcePort: (text) => rule({ protocol: "tcp", sourcePort: text }),
    source: (text) => rule({ source: text }),
    destination: (text) => rule({ destination: text }),
    protocol: (text) => rule({ protocol: text }),
    icmpType: (text) => rule({ protocol: "icmp", icmpType: text }),
    action: (text) => rule({ action: text }),
    direction: (text) => rule({ direction: text }),
    log: (text) => rule({ log: text }),
    policyIn: (text) => firewall({ policyIn: text }),
    policyOut: (text) => firewall({ policyOut: text }),
    logIn: (text) => firewall({ logIn: text }),
    logOut: (text) => firewall({ logOut: text }),
    open: (text) => firewall({ open: [text] }),
    "alias name": (text) => firewall({ aliases: { [text]: "10.0.0.1" } }),
    "alias address": (text) => firewall({ aliases: { office: text } }),
    "set name": (text) => firewall({ ipsets: { [text]: ["10.0.0.1"] } }),
    "set entry": (text) => firewall({ ipsets: { lan: [text] } }),
    ip: (text) => gatewayWith({ ip: text }),
    gw: (text) => gatewayWith({ gw: text }),
    mac_address: (text) => gatewayWith({ mac_address: text }),
    type: (text) => gatewayWith({ type: text }),
    mode: (text) => gatewayWith({ mode: text }),
    public_bridge: (text) => ({ ...gateway, network: { ...gateway.network, public_bridge: text } }),
    "internal bridge": (text) => gatewayWith({}, { internal: { bridge: text } }),
    "internal address": (text) => gatewayWith({}, { internal: { address: text } }),
  };
  for (const [field, write] of Object.entries(fields))
    it(`lets no hostile value into ${field}`, () => {
      for (const text of hostile)
        assert.notDeepEqual(problems(write(text)), [], JSON.stringify(text));
    });

  it("lets blanks into a comment, and nothing that would end it", () => {
    assert.deepEqual(problems(rule({ comment: "from the office (2nd floor)" })), []);
    for (const text of ["a\nb", " a", "a ", "a\u0000b", "a\u2028b"])
      assert.notDeepEqual(problems(rule({ comment: text })), [], JSON.stringify(text));
  });
});
