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

import { parseApp } from "../../model/observed";
import { renderBundle } from "../../render/bundle";

const scripts = join(__dirname, "..", "..", "scripts");
/** The folder of scripts on the node; a guest's configuration is read from a folder of the test's own. */
function place(folder: string): string {
  const placed = join(folder, "scripts");
  mkdirSync(join(placed, "node"), { recursive: true });
  for (const file of ["connection.sh", "lib.sh", "guest.sh"]) {
    const text = readFileSync(join(scripts, "node", file), "utf8");
    writeFileSync(
      join(placed, "node", file),
      text.replaceAll("/etc/pve/lxc", folder).replace("limit=1800", "limit=${LIMIT:-1800}"),
    );
  }
  cpSync(join(scripts, "guest"), join(placed, "guest"), { recursive: true });
  return placed;
}

/** Runs guest.sh as the node does, with a `pct` that keeps the tar it is given if the guest runs. */
function deliver(
  text: string,
  {
    status = "running",
    tags = "tags: other;proximity-lan-dev",
    without = "",
    // What the script in the guest does, as shell text.
    does = `echo '${observation("10.20.0.101")}'`,
    network = "10.20.0.0/24",
    limit = 60,
  } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "bundle-"));
  const pct = join(folder, "pct");
  const exec =
    status === "running"
      ? `cat >"${folder}/received.tar"\nenv >"${folder}/environment"\n. "${folder}/does"`
      : 'echo "CT 100 not running" >&2; exit 255';
  writeFileSync(
    pct,
    `#!/bin/sh\ncase $1 in status) echo "status: ${status}" ;; exec) ${exec} ;; esac\n`,
  );
  chmodSync(pct, 0o755);
  writeFileSync(join(folder, "does"), `${does}\n`);
  writeFileSync(join(folder, "100.conf"), `arch: amd64\n${tags}\n[old]\ntags: proximity-lan-dev\n`);
  const placed = place(folder);
  if (without !== "") rmSync(join(placed, without), { recursive: true });
  const preamble = `scripts=${placed} family=family/debian.sh parts='lib.sh public.sh app.sh' network='${network}'\n`;
  const result = spawnSync(
    "bash",
    ["-s", "--", "apply", "100", "proximity-lan-dev", "app.sh", "10.20.0.1", "a b", ""],
    {
      input: `${preamble}${readFileSync(join(scripts, "node", "load.sh"), "utf8")}${text}`,
      env: {
        PATH: `${folder}:${process.env["PATH"] ?? ""}`,
        LIMIT: String(limit),
        SSH_CONNECTION: "192.168.1.20 50000 192.168.1.10 22",
      },
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
    environment: () => readFileSync(join(folder, "environment"), "utf8"),
    done: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

/** What app.sh prints at its end. */
function observation(address: string): string {
  return `{"address":"${address}","listening":true,"publicAddress":"","publicMac":""}`;
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

describe("what a guest says", () => {
  /** Runs the script with this in the guest, and nothing else about it matters. */
  const said = (does: string, options: { network?: string; limit?: number } = {}) => {
    const { result, environment, done } = deliver(renderBundle([one]), { does, ...options });
    const seen = environment();
    done();
    return { ...result, seen };
  };
  const good = observation("10.20.0.101");

  it("is passed on when it is the observation of its script", () => {
    const { status, stdout, stderr } = said(`echo '${good}'; echo progress >&2`);
    assert.deepEqual([status, stdout, stderr], [0, `${good}\n`, "progress\n"]);
  });

  for (const [what, does] of [
    ["garbage", "echo garbage"],
    ["nothing", "true"],
    ["more than its observation", `echo '${good}'; echo more`],
    ["something before it", `echo before; echo '${good}'`],
    ["control characters", `printf '\\033]0;OWNED\\007%s\\n' '${good}'`],
    ["no address", `echo '${observation("10.20.0.999")}'`],
    ["a 60 MB line", "head -c 60000000 /dev/zero | tr '\\0' a"],
  ] as const)
    it(`is an error of that guest when it is ${what}, and is not kept`, () => {
      const { status, stdout, stderr } = said(does);
      assert.notEqual(status, 0);
      assert.equal(stdout, "");
      assert.match(stderr, /^guest\.sh: container 100: app\.sh printed '/m);
      assert.ok(stderr.length < 1000);
      assert.doesNotMatch(stderr, /[^ -~\n]/);
    });

  it("is refused when its address is not in the private network, and believed where nobody knows", () => {
    const elsewhere = observation("192.168.1.10");
    const { status, stderr, stdout } = said(`echo '${elsewhere}'`);
    assert.notEqual(status, 0);
    assert.equal(stdout, "");
    assert.match(stderr, /container 100: .* 192\.168\.1\.10, which is not in 10\.20\.0\.0\/24/);
    assert.equal(said(`echo '${elsewhere}'`, { network: "" }).stdout, `${elsewhere}\n`);
  });

  it("comes without control characters and in valid UTF-8 on stderr, up to a limit", () => {
    const { stderr, status } = said(
      `printf '\\033]0;OWNED\\007\\302\\233 \\377 caf\\303\\251\\n' >&2
      printf 'caf\\303\\251\\n' >&2
      yes aaaaaaaaaaaaaaa | head -c 20000000 >&2; echo '${good}'`,
    );
    assert.equal(status, 0);
    assert.match(stderr, /^\?\]0;OWNED\?\? \? caf\?\?\ncafé\naaa/);
    assert.ok(stderr.length <= 100_000);
  });

  it("has a limit in time, and its guest is named", () => {
    const { status, stderr } = said("exec sleep 30", { limit: 1 });
    assert.notEqual(status, 0);
    assert.match(stderr, /container 100: app\.sh did not end within/);
  });

  it("is asked for without the environment of the operator", () => {
    assert.doesNotMatch(said(`echo '${good}'`).seen, /SSH_|192\.168/);
  });

  it("is an observation or an error, whatever it is", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 100 }),
      fc.constantFrom(
        good,
        `${good}\n`,
        good.replace("true", '"true"'),
        good.slice(1),
        `[${good}]`,
      ),
      fc
        .tuple(fc.nat(good.length), fc.string({ unit: "binary", maxLength: 3 }))
        .map(([at, part]) => good.slice(0, at) + part + good.slice(at + 1)),
    );
    const one = fc.tuple(text, fc.constantFrom("stdout", "stderr"));
    fc.assert(
      fc.property(fc.array(one, { maxLength: 3 }), (parts) => {
        const { status, stdout, stderr } = said(
          parts
            .map(([part, to]) => {
              const bytes = [...Buffer.from(part)]
                .map((byte) => `\\${byte.toString(8).padStart(3, "0")}`)
                .join("");
              return `printf '${bytes}'${to === "stderr" ? " >&2" : ""}`;
            })
            .join("\n"),
        );

        assert.doesNotMatch(stderr, /[\0-\x08\x0b-\x1f\x7f-\x9f]/);
        if (status !== 0) assert.equal(stdout, "");
        else assert.notEqual(parseApp(stdout.trimEnd()), undefined);
      }),
      { numRuns: process.env["SOAK"] === undefined ? 40 : 2_000 },
    );
  }).timeout(600_000);
}).timeout(60_000);
