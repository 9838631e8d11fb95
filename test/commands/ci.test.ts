import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ownEnv } from "../support/own-env";

const project = join(__dirname, "../..");

/** In place of make: shows where it runs, and ends as make does when a test failed. */
const MAKE = `#!/bin/sh
echo "make $*"
echo "in $PWD"
echo "beside it: $(ls ..)"
echo "files: $(git ls-files)"
echo "1 passed, 1 failed, 0 skipped"
exit 2
`;

describe(".ci/run", () => {
  let folder = "";
  const git = (...args: string[]): void => {
    const who = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
    execFileSync("git", [...who, ...args], { cwd: join(folder, "checkout"), env: ownEnv() });
  };
  const run = () =>
    spawnSync(join(folder, "checkout/.ci/run"), {
      encoding: "utf8",
      env: {
        ...ownEnv(),
        PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`,
        TMPDIR: join(folder, "tmp"),
      },
    });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ci-run-"));
    for (const name of ["bin", "tmp", "checkout/.ci", "shared"]) {
      mkdirSync(join(folder, name), { recursive: true });
    }
    writeFileSync(join(folder, "bin/make"), MAKE, { mode: 0o755 });
    cpSync(join(project, ".ci/run"), join(folder, "checkout/.ci/run"));
    git("init", "--quiet");
    git("add", "--all");
    git("commit", "--quiet", "--message", "Start");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("tests a clone of HEAD with nothing beside it, keeps the exit code and removes the clone", () => {
    const { status, stdout, stderr } = run();
    assert.equal(status, 2, stderr);
    assert.equal(stderr, "");
    const [, clone = ""] = /^in (.*)$/m.exec(stdout) ?? [];
    assert.ok(clone.startsWith(join(folder, "tmp")), clone);
    assert.equal(
      stdout,
      `make test WORLDS=e2e\nin ${clone}\nbeside it: clone\nfiles: .ci/run\n1 passed, 1 failed, 0 skipped\n`,
    );
    assert.ok(!existsSync(clone));
    assert.equal(execFileSync("ls", ["-A", join(folder, "tmp")], { encoding: "utf8" }), "");
  });

  it("works on a detached HEAD, and says that uncommitted changes are left out", () => {
    git("checkout", "--quiet", "--detach");
    writeFileSync(join(folder, "checkout/new.txt"), "");
    const { status, stdout, stderr } = run();
    assert.equal(status, 2, stderr);
    assert.match(stderr, /uncommitted changes; only HEAD \([0-9a-f]+\) is tested/);
    assert.match(stdout, /^files: \.ci\/run$/m);
  });
});
