import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ownEnv } from "../support/own-env";

const project = join(__dirname, "..", "..");

describe("a machine that cannot run the lab", function () {
  this.timeout(30_000);
  let folder: string;
  let stubs: string;

  before(() => {
    // What is in a clone before anything is installed, where another user can read it.
    folder = mkdtempSync(join(tmpdir(), "proximity-machine-"));
    stubs = join(folder, "stubs");
    chmodSync(folder, 0o755);
    const files = ["Makefile", "package.json", "package-lock.json", "commands", "lab", "toolchain"];
    execFileSync("cp", ["-R", ...files, folder], { cwd: project });
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    mkdirSync(stubs);
  });
  afterEach(() => {
    rmSync(stubs, { recursive: true });
  });

  /** A program that prints one line, in front of the one on PATH. */
  const stub = (program: string, line: string) => {
    writeFileSync(join(stubs, program), `#!/bin/sh\necho '${line}'\n`, { mode: 0o755 });
  };

  /** `make TARGET` as a user without root, with a home that nothing was ever installed in. */
  function make(target: string) {
    const started = Date.now();
    const { status, stdout, stderr } = spawnSync("make", [target], {
      cwd: folder,
      encoding: "utf8",
      env: { ...ownEnv(), HOME: folder, PATH: `${stubs}:${process.env["PATH"] ?? ""}` },
      ...(process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}),
    });
    const seconds = (Date.now() - started) / 1000;
    assert.ok(seconds < 10, `took ${seconds} s`);
    assert.notEqual(status, 0);
    assert.equal(stdout, "");
    // Make itself says that the target failed.
    return stderr.replace(/^make: .*\n/gm, "");
  }

  for (const target of ["up", "test"])
    it(`ends \`make ${target}\` without root within 10 s, with one message`, () => {
      assert.match(
        make(target),
        /^This machine cannot run the lab:\n( {2}- .*\n)* {2}- You are .*, not root\. .*\n( {2}- .*\n)*What works here: `make check`, and everything for a real node.*\n\(README\.md, .*\)\.\n$/,
      );
    });

  it("says it together with too old a Node", () => {
    stub("node", "v18.20.4");
    const said = make("up");
    assert.match(said, /^ {2}- Node is 18\.20\.4, and 20\.19 or newer is needed: https:/m);
    assert.match(said, /^ {2}- You are /m);
  });

  it("counts the parts of Node's version as numbers", () => {
    stub("node", "v20.9.0");
    assert.match(make("up"), /Node is 20\.9\.0, and 20\.19/);
    for (const version of ["v20.19.0", "v22.3.1", "v100.0.0"]) {
      stub("node", version);
      assert.doesNotMatch(make("up"), /Node/);
    }
  });

  it("says on another system what works there", () => {
    stub("uname", "Darwin");
    const said = make("up");
    assert.match(said, /This is Darwin\. The lab runs on Linux only\./);
    assert.match(said, /everything for a real node.*; and `make check` in a container/);
  });

  it("does not ask a real node's commands for what only the lab needs, but for Node", () => {
    stub("node", "v18.20.4");
    const said = make("deps");
    assert.equal(
      said,
      "This machine is not ready:\n  - Node is 18.20.4, and 20.19 or newer is needed: https://nodejs.org/en/download.\n",
    );
  });
});
