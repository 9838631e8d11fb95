import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { loadSchema } from "../../lab/schema/load";
import { codeSpans, project, read, section, shellLines, table } from "./markdown";
import { flags, nodeLines, ownLines, words } from "./shown-commands";

describe("the commands in the documents", () => {
  it("are run by the tests, or are for a real node", () => {
    const suites = ["test/e2e", "test/commands"].flatMap((folder) =>
      readdirSync(join(project, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".test.ts"))
        .map((file) => `${folder}/${file}`),
    );
    const run = suites.flatMap((file) =>
      [...read(file).matchAll(/"make",\s*\[(?:"-s", )?"([a-z-]+)"/g)].map(
        ([, target]) => `make ${target ?? ""}`,
      ),
    );
    assert.match(read(".ci/run"), /^make test WORLDS=e2e$/m);
    assert.ok(ownLines.length > 0);
    assert.deepEqual(
      ownLines
        // A test gives the same variables other values.
        .map((line) => line.replace(/( [A-Z]+=\S+)+$/, ""))
        .filter((line) => ![...run, "make test"].includes(line)),
      [],
    );
  });

  it("for a real node are of programs that are there: Proxmox's, SSH's, Pulumi's, Debian's", () => {
    const known = /^(pve(um|am)|ssh-(keygen|copy-id|keyscan)|pulumi|cp|export|eval|\(umask) /;
    assert.deepEqual(
      nodeLines.filter((line) => !known.test(line)),
      [],
    );
  });

  it("copy an example that is there, to the name of the stack that is made", () => {
    const [, from = "", stack = ""] =
      /^cp (\S+) Pulumi\.(\S+)\.yaml$/m.exec(nodeLines.join("\n")) ?? [];
    assert.ok(existsSync(join(project, from)), from);
    assert.ok(nodeLines.includes(`pulumi stack init ${stack}`));
  });
});

/** What `pveum` and `pveam` call: command, API call, and words that stand without a flag. */
const calls: readonly (readonly [RegExp, string, readonly string[]])[] = [
  [/^pveum user add /, "POST /access/users", ["userid"]],
  [/^pveum role add /, "POST /access/roles", ["roleid"]],
  [/^pveum acl modify /, "PUT /access/acl", ["path"]],
  [/^pveum user token add /, "POST /access/users/{userid}/token/{tokenid}", ["userid", "tokenid"]],
  [/^pveam download /, "POST /nodes/{node}/aplinfo", ["storage", "template"]],
  [/^pveam list /, "GET /nodes/{node}/storage/{storage}/content", ["storage"]],
];

/** Without a call of the API: the lists that every node keeps. `--section` is pveam's own. */
const local: readonly string[] = ["pveam update", "pveam available --section system"];

/** The releases that the documents name. */
const releases = ["9.1", "8.4"] as const;

/** Every privilege that a permission names. */
function privilegesIn(permission: unknown): ReadonlySet<string> {
  const names = JSON.stringify(permission ?? {}).match(
    /(?<=")(VM|Sys|Datastore|SDN|Pool|Mapping)\.[A-Za-z.]+(?=")/g,
  );
  return new Set(names ?? []);
}

/**
 * Calls that check in their code what the schema does not say: docs/proxmox/permissions.md 1 and the sources
 * named there.
 */
const inCode: Readonly<Record<string, readonly string[]>> = {
  "POST /nodes/{node}/lxc": [
    "VM.Allocate",
    "VM.Config.CPU",
    "VM.Config.Disk",
    "VM.Config.Memory",
    "VM.Config.Network",
    "VM.Config.Options",
    "Datastore.AllocateSpace",
    "SDN.Use",
  ],
  "GET /nodes/{node}/lxc": ["VM.Audit"],
  "GET /nodes": ["Sys.Audit"],
};

for (const release of releases)
  describe(`the documents' way to a token, on Proxmox VE ${release}`, () => {
    const page = read("docs/token.md");
    const privileges = table(page, "privilege").map(([name = "", , neededBy = ""]) => ({
      name: name.replaceAll("`", ""),
      calls: codeSpans(neededBy),
    }));
    const granted = [section(read("docs/install.md"), "## Token"), page]
      .flatMap(shellLines)
      .flatMap((line) => {
        const [, list] = /^pveum role add \S+ --privs "([^"]+)"$/.exec(line) ?? [];
        return list === undefined ? [] : [list.split(",")];
      });
    const schema = loadSchema(release);

    const find = (call: string) => {
      const [method = "", path = ""] = call.split(" ");
      return schema.find(method, path) ?? assert.fail(`there is no call ${call}`);
    };

    it("uses commands, words and flags of calls that exist", () => {
      for (const line of nodeLines.filter((one) => /^pve(um|am) /.test(one))) {
        if (local.includes(line)) continue;
        const [pattern, call, positional] =
          calls.find(([start]) => start.test(line)) ?? assert.fail(`unknown command: ${line}`);
        const { properties } = find(call);
        for (const name of [...positional, ...flags(line)])
          assert.ok(name in properties, `${line}: ${call} has no ${name}`);
        const rest = words(line.replace(pattern, ""));
        const bare = rest.findIndex((word) => word.startsWith("--"));
        assert.equal(bare < 0 ? rest.length : bare, positional.length, line);
      }
    });

    it("grants exactly the privileges that its table gives a reason for", () => {
      const [role, bridgeRole] = granted;
      assert.deepEqual(
        role,
        privileges.map(({ name }) => name).sort((a, b) => (a < b ? -1 : 1)),
      );
      assert.deepEqual(bridgeRole, ["Sys.Modify"]);
      assert.equal(granted.length, 2);
    });

    it("names privileges that exist", () => {
      // SDN.Use is checked in code only, so the schema never says it; its sibling SDN.Audit it does.
      const known = new Set([...schema.privileges, "SDN.Use"]);
      assert.deepEqual(
        granted.flat().filter((name) => !known.has(name)),
        [],
      );
    });

    it("gives for each privilege calls that check it", () => {
      for (const { name, calls: needing } of privileges) {
        assert.ok(needing.length > 0, name);
        for (const call of needing) {
          const checked = [...privilegesIn(find(call).permissions), ...(inCode[call] ?? [])];
          assert.ok(checked.includes(name), `${call} checks ${checked.join(", ")}, not ${name}`);
        }
      }
    });

    it("grants what each call of its table checks", () => {
      const names = privileges.map(({ name }) => name);
      for (const call of new Set(privileges.flatMap(({ calls: needing }) => needing))) {
        const { permissions } = find(call);
        const checked = [...privilegesIn(permissions)];
        const any = JSON.stringify(permissions ?? {}).includes('"any",1');
        const has = (name: string) => names.includes(name);
        assert.ok(any ? checked.some(has) : checked.every(has), `${call}: ${checked.join()}`);
        for (const name of inCode[call] ?? []) assert.ok(has(name), `${call}: ${name}`);
      }
    });
  });
