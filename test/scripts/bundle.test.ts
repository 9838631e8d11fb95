import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";

import { renderBundle } from "../../render/bundle";

const scripts = join(__dirname, "..", "..", "scripts");
/** The folder of scripts on the node; a guest's configuration is read from a folder of the test's own. */
function place(folder: string): string {
  const placed = join(folder, "scripts");
  mkdirSync(join(placed, "node"), { recursive: true });
  for (const file of ["connection.sh", "lib.sh", "guest.sh"]) {
    const text = readFileSync(join(scripts, "node", file), "utf8");
    writeFileSync(join(placed, "node", file), text.replaceAll("/etc/pve/lxc", folder));
  }
  cpSync(join(scripts, "guest"), join(placed, "guest"), { recursive: true });
  return placed;
}

/** Runs guest.sh as the node does, with a `pct` that keeps the tar it is given if the guest runs. */
function deliver(
  text: string,
  { status = "running", tags = "tags: other;proximity-lan-dev", without = "" } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "bundle-"));
  const pct = join(folder, "pct");
  const exec =
    status === "running"
      ? `cat >"${folder}/received.tar"`
      : 'echo "CT 100 not running" >&2; exit 255';
  writeFileSync(
    pct,
    `#!/bin/sh\ncase $1 in status) echo "status: ${status}" ;; exec) ${exec} ;; esac\n`,
  );
  chmodSync(pct, 0o755);
  writeFileSync(join(folder, "100.conf"), `arch: amd64\n${tags}\n[old]\ntags: proximity-lan-dev\n`);
  const placed = place(folder);
  if (without !== "") rmSync(join(placed, without), { recursive: true });
  const preamble = `scripts=${placed} family=family/debian.sh parts='lib.sh public.sh app.sh'\n`;
  const result = spawnSync(
    "bash",
    ["-s", "--", "apply", "100", "proximity-lan-dev", "app.sh", "80", "a b", ""],
    {
      input: `${preamble}${readFileSync(join(scripts, "node", "load.sh"), "utf8")}${text}`,
      env: { PATH: `${folder}:${process.env["PATH"] ?? ""}` },
      encoding: "utf8",
    },
  );
  const read = (path: string) =>
    execFileSync("tar", ["-xOf", join(folder, "received.tar"), `./${path}`], { encoding: "utf8" });
  const rights = (path: string) =>
    execFileSync("tar", ["-tvf", join(folder, "received.tar"), `./${path}`], { encoding: "utf8" });
  const list = () =>
    execFileSync("tar", ["-tf", join(folder, "received.tar")], { encoding: "utf8" })
      .split("\n")
      .filter((path) => path !== "" && !path.endsWith("/"))
      .sort();
  return {
    result,
    read,
    rights,
    list,
    done: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

const one = { path: "files/etc/one", mode: "0644", content: "1\n" };

describe("a bundle on the way to a guest", () => {
  it("arrives byte for byte, whatever is in it", () => {
    const content = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("", "end\n", "file 0644 3 x\n", "\n\n", "$(reboot)", "no newline", "é✓\n"),
    );
    fc.assert(
      fc.property(fc.array(content, { maxLength: 4 }), (contents) => {
        const files = contents.map((text, i) => ({
          path: `files/etc/with blank ${i}`,
          mode: i % 2 === 0 ? "0600" : "0644",
          // A NUL byte cannot stand in a Pulumi string property.
          content: text.replaceAll("\0", ""),
        }));
        const { result, read, rights, done } = deliver(renderBundle(files));
        assert.equal(result.stderr, "");
        assert.equal(result.status, 0);
        for (const { path, mode, content: text } of files) {
          assert.equal(read(path), text);
          assert.equal(rights(path).slice(0, 10), mode === "0600" ? "-rw-------" : "-rw-r--r--");
        }
        done();
      }),
      { numRuns: 15 },
    );
  }).timeout(60_000);

  it("gets those of the node's scripts that its guest runs, with the functions of its family", () => {
    const { read, list, done } = deliver(renderBundle([one]));
    assert.deepEqual(list(), [
      "./files/etc/one",
      ...["app", "family", "lib", "public"].map((name) => `./scripts/${name}.sh`),
    ]);
    assert.match(read("scripts/family.sh"), /package_manager=apt-get/);
    done();
  });

  it("is refused where the node's scripts are gone, and says how they come back", () => {
    const { result, done } = deliver(renderBundle([one]), { without: "node" });
    assert.equal(result.status, 1);
    assert.match(result.stderr, /there is no \/\S+\/scripts on this node.*pulumi up\n$/);
    done();
  });

  it("is refused for a guest that does not run, and says what to do", () => {
    const { result, done } = deliver(renderBundle([one]), { status: "stopped" });
    assert.equal(result.status, 1);
    assert.match(result.stderr, /guest\.sh: container 100 is not running.*pct start 100/);
    done();
  });

  it("is refused for a guest that this stack did not make", () => {
    for (const tags of ["", "tags: mail", "tags: proximity-lan-dev2"]) {
      const { result, done } = deliver(renderBundle([one]), { tags });
      assert.equal(result.status, 1);
      assert.match(result.stderr, /does not carry the tag proximity-lan-dev.*not touched/);
      done();
    }
  });

  it("is refused when it was cut off", () => {
    const { result, done } = deliver(renderBundle([one]).slice(0, -"end\n".length));
    assert.equal(result.status, 1);
    assert.match(result.stderr, /ends too early/);
    done();
  });
});
