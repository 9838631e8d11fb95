import assert from "node:assert/strict";

import fc from "fast-check";

import { ParameterError } from "../../../lab/server/parameter-error";
import { completeNet, guestNets } from "../../../lab/pve/guest-net";

const complaint = (value: string): string => {
  try {
    completeNet("net0", value);
  } catch (error) {
    if (error instanceof ParameterError) return error.errors["net0"] ?? "";
    throw error;
  }
  return "";
};

describe("netN", () => {
  it("stores name first, then sorted keys, with MAC and type filled in", () => {
    assert.equal(
      completeNet("net0", "ip=dhcp,bridge=vmbr0,name=eth0,hwaddr=bc:24:11:00:00:01"),
      "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp,type=veth",
    );
    assert.match(
      completeNet("net0", "name=eth0"),
      /^name=eth0,hwaddr=BC:24:11(:[0-9A-F]{2}){3},type=veth$/,
    );
  });

  it("says each thing that is wrong, in Proxmox's words", () => {
    const table: [string, RegExp][] = [
      ["bridge=vmbr0", /net0\.name: property is missing and it is not optional/],
      [
        "name=eth0,type=macvlan",
        /net0\.type: value 'macvlan' does not have a value in the enumeration 'veth'/,
      ],
      ["name=eth0,mode=bridge", /net0\.mode: property is not defined in schema/],
      ["name=eth0,hwaddr=01:00:00:00:00:01", /net0\.hwaddr: .*unicast MAC/],
      ["name=eth0,ip=10.0.0.1", /net0\.ip: .*ipv4 network configuration/],
      ["name=eth0,ip6=auto,mtu=63", /net0\.mtu: value must have a minimum value of 64/],
      ["name=eth0,tag=4095", /net0\.tag: value must have a maximum value of 4094/],
      ["name=eth 0", /net0\.name: value does not match the regex pattern/],
      ["name=eth0,name=eth1", /duplicate key in comma-separated list property: name/],
      ["eth0", /value without key, but schema does not define a default key/],
    ];
    for (const [value, expected] of table) assert.match(complaint(value), expected, value);
  });

  it("accepts a bridge name that the network API would refuse", () => {
    assert.match(completeNet("net0", "name=eth0,bridge=proximity-lan"), /bridge=proximity-lan/);
  });

  it("reads back by index, raw lxc.net lines aside", () => {
    const keys = new Map([
      ["net10", "name=b,hwaddr=02:00:00:00:00:02"],
      ["net2", "name=a,hwaddr=02:00:00:00:00:01,mtu=1400,link_down=1"],
      ["nameserver", "10.0.0.1"],
    ]);
    const nets = guestNets(keys);
    assert.deepEqual(
      nets.map(({ index, name }) => [index, name]),
      [
        [2, "a"],
        [10, "b"],
      ],
    );
    assert.deepEqual([nets[0]?.mtu, nets[0]?.linkDown], [1400, true]);
  });

  it("stores no value that smuggles a key or a line in", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        let stored: string;
        try {
          stored = completeNet("net0", `name=${name},bridge=vmbr0`);
        } catch {
          return;
        }
        assert.doesNotMatch(stored, /\n/);
        assert.equal(stored.split(",").filter((part) => part.startsWith("bridge=")).length, 1);
      }),
    );
  });
});
