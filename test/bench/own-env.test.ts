import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";

import { ownEnv } from "../support/own-env";

/** The environment that make gives a command of a target, with these words on its command line. */
function givenBy(...words: readonly string[]): Record<string, string> {
  const input = 'all:\n\t@node -p "JSON.stringify(process.env)"\n';
  const told = execFileSync("make", ["-s", "-f", "-", ...words], {
    input,
    encoding: "utf8",
    env: ownEnv(),
  });
  return JSON.parse(told) as Record<string, string>;
}

describe("the environment of a command that a test or benchmark runs", () => {
  it("does not contain the variables of a make above it, and keeps the rest", () => {
    const env = givenBy("FLAGS=--rounds 3 PATH=b", "WORLDS=e2e");
    assert.deepEqual([env["FLAGS"], env["WORLDS"]], ["--rounds 3 PATH=b", "e2e"]);
    const own = ownEnv({ ...env, PULUMI_HOME: "/home/person/.pulumi" });
    const lost = Object.keys(env).filter((name) => !(name in own));
    assert.deepEqual(lost.filter((name) => !/^(MAKE|MFLAGS|PULUMI_)/.test(name)).sort(), [
      "FLAGS",
      "WORLDS",
    ]);
    assert.equal(own["PATH"], env["PATH"]);
    assert.equal("PULUMI_HOME" in own, false);
    assert.equal("MAKEFLAGS" in own, false);
  });
});
