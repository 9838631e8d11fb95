import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";

import { ParameterError } from "../../lab/server/parameter-error";
import { ROUTES } from "../../lab/server/routes";
import { checkParameters, checkValue, joinRepeated, perlPattern } from "../../lab/schema/check";
import { checkFormat } from "../../lab/schema/formats";
import { ApiSchema, type PropertyFormat } from "../../lab/schema/schema";
import { list, record } from "./support/client";
import { container, startMemoryLab } from "./support/memory-lab";

const file = (release: string): string =>
  path.resolve(__dirname, `../../../shared/pve-api/pve-${release}.json`);

const method = (properties: PropertyFormat) => ({ properties, additional: false });
const errorsOf = (properties: PropertyFormat, values: Readonly<Record<string, string>>) => {
  try {
    checkParameters(method(properties), new Map(Object.entries(values)));
  } catch (error) {
    if (error instanceof ParameterError) return error.errors;
    throw error;
  }
  return {};
};

describe("parameter check", () => {
  it("names every wrong parameter at once, in Proxmox's words", () => {
    const properties: PropertyFormat = {
      vmid: { type: "integer", minimum: 100, format: "pve-vmid" },
      mode: { type: "string", enum: ["a", "b"], optional: 1 },
      flag: { type: "boolean", optional: 1 },
      word: { type: "string", pattern: "(?^:[a-z]+)", maxLength: 3, optional: 1 },
    };
    assert.deepEqual(errorsOf(properties, { mode: "c", flag: "2", word: "A", other: "1" }), {
      vmid: "property is missing and it is not optional",
      mode: "value 'c' does not have a value in the enumeration 'a, b'",
      flag: "type check ('boolean') failed - got '2'",
      word: "value does not match the regex pattern",
      other:
        "property is not defined in schema and the schema does not allow additional properties",
    });
    assert.deepEqual(errorsOf(properties, { vmid: "99" }), {
      vmid: "value must have a minimum value of 100",
    });
    assert.deepEqual(errorsOf(properties, { vmid: "100", word: "abcd" }), {
      word: "value may only be 3 characters long",
    });
    assert.deepEqual(errorsOf(properties, { vmid: "x" }), {
      vmid: "type check ('integer') failed - got 'x'",
    });
  });

  it("takes an empty optional value as unset, and net7 for net[n]", () => {
    const properties: PropertyFormat = { "net[n]": { type: "string", pattern: "ok", optional: 1 } };
    assert.deepEqual(errorsOf(properties, { net7: "" }), {});
    assert.deepEqual(errorsOf(properties, { net7: "ok" }), {});
    assert.ok("net7" in errorsOf(properties, { net7: "no" }));
    assert.ok("net" in errorsOf(properties, { net: "ok" }));
  });

  it("asks for what a parameter requires", () => {
    const properties: PropertyFormat = {
      address: { type: "string", optional: 1, requires: "netmask" },
      netmask: { type: "string", optional: 1 },
    };
    assert.ok("netmask" in errorsOf(properties, { address: "10.0.0.1" }));
  });

  it("joins repeated keys where a list belongs, and refuses them elsewhere", () => {
    const schema = method({
      delete: { type: "string", format: "pve-configid-list", optional: 1 },
      name: { type: "string", optional: 1 },
    });
    assert.equal(
      joinRepeated(schema, new Map([["delete", ["net1", "net2"]]])).get("delete"),
      "net1,net2",
    );
    assert.throws(() => joinRepeated(schema, new Map([["name", ["a", "b"]]])), ParameterError);
  });

  it("knows the named formats that matter", () => {
    const table: [string, string, boolean][] = [
      ["pve-iface", "proxlan", true],
      ["pve-iface", "proximity-lan", false],
      ["pve-iface-list", "eno1 eno2", true],
      ["pve-iface-list", "eno1 bad-name", false],
      ["mac-addr", "02:00:00:00:00:01", true],
      ["mac-addr", "03:00:00:00:00:01", false],
      ["pve-ipv4-config", "dhcp", true],
      ["pve-ipv4-config", "10.0.0.1/24", true],
      ["pve-ipv4-config", "10.0.0.1", false],
      ["CIDRv4", "10.0.0.0/7", false],
      ["dns-name", "a-b.example", true],
      ["dns-name", "a_b", false],
      ["pve-vmid", "99", false],
      ["pve-tag-list", "a;B;c-d", true],
      ["pve-tag-list", "a;b c/d", false],
      ["disk-size", "8G", true],
      ["disk-size", "8GB", false],
      ["lxc-ip-with-ll-iface-list", "10.0.0.1 fd00::1", true],
      ["lxc-ip-with-ll-iface-list", "router", false],
      ["pve-startup-order", "order=1,up=5,down=5", true],
      ["pve-startup-order", "first", false],
    ];
    for (const [format, value, good] of table) {
      assert.equal(checkFormat(format, value) === undefined, good, `${format} ${value}`);
    }
    assert.match(
      checkValue("iface", { type: "string", format: "pve-iface" }, "a-b") ?? "",
      /^invalid format - invalid network interface name 'a-b'\n$/,
    );
  });
});

for (const release of ["9.1", "8.4"]) {
  describe(`official schema ${release}`, function () {
    before(function () {
      if (existsSync(file(release))) return;
      console.log(`skipped: the official schema is not at ${file(release)}`);
      this.skip();
    });

    it("is read whole, and every pattern in it compiles", () => {
      const schema = ApiSchema.read(file(release));
      assert.ok(schema.keys().length > 600);
      for (const key of schema.keys()) {
        const [name = "", route = ""] = key.split(" ");
        for (const [parameter, { pattern }] of Object.entries(
          schema.find(name, route)?.properties ?? {},
        )) {
          if (pattern !== undefined)
            assert.doesNotThrow(() => perlPattern(pattern), `${key} ${parameter}`);
        }
      }
    });

    it("has every path that the lab answers", () => {
      const schema = ApiSchema.read(file(release));
      for (const { method: name, path: route } of ROUTES) {
        assert.ok(schema.find(name, route) !== undefined, `${name} ${route}`);
      }
    });

    it("is what the lab checks requests against", async () => {
      const { client, lab } = await startMemoryLab({ version: `${release}.1` });
      try {
        const answer = await client.call(
          "POST",
          "/nodes/pve1/lxc",
          container(100, { net0: "bridge=vmbr0,host-managed=0,ip=dhcp,name=eth0" }),
        );
        // host-managed came with 9.1: an older node refuses what a newer one takes.
        assert.equal(answer.status, release === "9.1" ? 200 : 400);
        if (release !== "9.1")
          assert.match(answer.errors["net0"] ?? "", /net0\.host-managed: property is not defined/);
        const unknown = await client.call("GET", "/version", { surprise: "1" });
        assert.deepEqual(unknown.status, 400);
        assert.ok("surprise" in unknown.errors);
        const bridges = await client.call("GET", "/nodes/pve1/network", { type: "bridge" });
        assert.deepEqual(
          list(bridges.data).map((item) => record(item)["iface"]),
          ["vmbr0"],
        );
      } finally {
        await lab.close();
      }
    });
  });
}

describe("a lab without the official schema", () => {
  it("says that nothing is checked, and still refuses what it knows itself", async () => {
    const lines: string[] = [];
    const { client, lab } = await startMemoryLab({
      schemaFile: false,
      log: (line) => lines.push(line),
    });
    try {
      assert.ok(lines.some((line) => line.includes("schema is not checked")));
      const bridge = { iface: "proximity-lan", type: "bridge" };
      assert.equal((await client.call("POST", "/nodes/pve1/network", bridge)).status, 400);
      const macvlan = container(100, { net0: "name=eth0,bridge=vmbr0,type=macvlan" });
      assert.equal((await client.call("POST", "/nodes/pve1/lxc", macvlan)).status, 400);
      assert.equal(await client.run("POST", "/nodes/pve1/lxc", container(100)), "OK");
      const nonsense = await client.call("PUT", "/nodes/pve1/lxc/100/config", { nonsense: "1" });
      assert.equal(nonsense.status, 400);
    } finally {
      await lab.close();
    }
  });
});
