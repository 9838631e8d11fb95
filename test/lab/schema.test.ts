import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { ParameterError } from "../../lab/server/parameter-error";
import { ROUTES } from "../../lab/server/routes";
import { checkParameters, checkValue, joinRepeated, perlPattern } from "../../lab/schema/check";
import { checkFormat } from "../../lab/schema/formats";
import { cut, methodsOf, schemaText } from "../../lab/schema/cut";
import { loadSchema, RELEASES, schemaPath } from "../../lab/schema/load";
import { schemaFile, type PropertyFormat } from "../../lab/schema/schema";
import { list, record } from "./support/client";
import { container, startMemoryLab } from "./support/memory-lab";

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
      vmid: "invalid format - value does not look like a valid VM ID\n",
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

/** Calls `visit` with every pattern, those of property strings included. */
function eachPattern(properties: PropertyFormat, visit: (pattern: string) => void): void {
  for (const { pattern, format } of Object.values(properties)) {
    if (pattern !== undefined) visit(pattern);
    if (typeof format === "object") eachPattern(format, visit);
  }
}

for (const release of RELEASES) {
  describe(`API schema of ${release}`, () => {
    const schema = loadSchema(release);

    it("names every method of the release", () => {
      assert.ok(schema.version.startsWith(`${release}.`));
      assert.ok(schema.keys().length > 600);
      assert.ok(schema.has("POST /nodes/{node}/qemu"));
      assert.ok(!schema.has("POST /nodes/{node}/nothing"));
    });

    it("describes every method that the lab answers, with patterns that compile", () => {
      let patterns = 0;
      for (const { method: name, path: route } of ROUTES) {
        const described = schema.find(name, route);
        assert.ok(described !== undefined, `${name} ${route}`);
        eachPattern(described.properties, (pattern) => {
          assert.doesNotThrow(() => perlPattern(pattern), `${name} ${route}: ${pattern}`);
          patterns++;
        });
      }
      assert.ok(patterns > 50, `${patterns} patterns`);
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
        assert.equal(answer.status, release === "8.4" ? 400 : 200);
        if (release === "8.4")
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

describe("a lab without an API schema", () => {
  it("does not start, and says what to do", async () => {
    await assert.rejects(
      startMemoryLab({ version: "7.4.1" }),
      /cannot be Proxmox VE 7\.4\.1: the API schema .*pve-7\.4\.json does not exist\. Use a version of 9\.2, 9\.1, 8\.4, or add /,
    );
  });
});

describe("lab/schema/cut.ts", () => {
  // The form of the API viewer's apidoc.js: an array, and then code.
  const viewer = `const apiSchema = [
   {
      "children" : [
         {
            "info" : {
               "GET" : { "method" : "GET", "name" : "read", "description" : "long", "permissions" : { "check" : ["perm", "/", ["Sys.Audit"]] } },
               "POST" : { "method" : "POST", "parameters" : { "additionalProperties" : 1, "properties" : {
                  "vmid" : { "type" : "integer", "minimum" : 100, "description" : "long", "typetext" : "<integer>" },
                  "net[n]" : { "optional" : 1, "type" : "string", "format" : { "rate" : { "minimum" : "0", "type" : "number", "description" : "long" } } }
               } } }
            },
            "path" : "/nodes/{node}/lxc"
         },
         { "info" : { "GET" : {}, "PUT" : {} }, "path" : "/nodes/{node}/other" }
      ],
      "path" : "/nodes"
   }
]
;
let unrelated = [ 1 ]
;
`;
  const expected = {
    version: "9.9.1",
    privileges: ["Sys.Audit"],
    methods: {
      "GET /nodes/{node}/lxc": {
        permissions: { check: ["perm", "/", ["Sys.Audit"]] },
        parameters: {},
      },
      "POST /nodes/{node}/lxc": {
        additional: true,
        parameters: {
          "net[n]": {
            optional: 1,
            type: "string",
            format: { rate: { minimum: 0, type: "number" } },
          },
          vmid: { type: "integer", minimum: 100 },
        },
      },
    },
    others: { "/nodes/{node}/other": "GET PUT" },
  };

  it("keeps the lab's methods of a release, and the names of the others", () => {
    const result = cut("9.9.1", methodsOf(viewer));
    assert.deepEqual(result, expected);
    assert.deepEqual(JSON.parse(schemaText(result)), expected);
  });

  it("reads a list of methods as well", () => {
    const methods = [{ path: "/nodes/{node}/other", method: "GET" }];
    assert.deepEqual(cut("9.9.1", methodsOf(JSON.stringify({ methods }))).others, {
      "/nodes/{node}/other": "GET",
    });
  });

  it("wrote the files of lab/schema/data as they are", () => {
    for (const release of RELEASES) {
      const text = readFileSync(schemaPath(release), "utf8");
      assert.equal(schemaText(schemaFile.parse(JSON.parse(text))), text, release);
    }
  });

  it("is asked for when a method of the lab is known by name only", () => {
    const schema = loadSchema("9.1");
    assert.throws(() => schema.find("GET", "/access"), /only the name of GET \/access\. Cut it/);
  });
});
