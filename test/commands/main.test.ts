import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { text } from "node:stream/consumers";
import { join } from "node:path";

import { readArguments } from "../../commands/main";

const project = join(__dirname, "..", "..");
const commands = ["status", "doctor", "verify", "inspect", "cleanup", "recover", "adopt", "open"];

/** Runs a command's file as make does. */
async function run(file: string, ...args: readonly string[]) {
  const path = join(project, "commands", `${file}.ts`);
  const child = spawn(join(project, "node_modules/.bin/tsx"), [path, ...args], { cwd: project });
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.once("close", resolve)),
  ]);
  return { code, stdout, stderr };
}

describe("a command line", function () {
  this.timeout(60_000);

  for (const file of [...commands, "preview/main", "import-phoenix"])
    it(`${file} refuses a flag that it does not have, and says how it is used`, async () => {
      const { code, stdout, stderr } = await run(file, "dev", "--jsn");
      assert.match(stderr, /^[a-z-]+: Unknown option '--jsn'\nusage: [a-z-]+ [A-Z]/);
      assert.deepEqual([code, stdout], [2, ""]);
    });

  it("lab refuses one too", () => {
    const args = ["up", "--vrsion", "8.4.2"];
    const { status, stderr } = spawnSync(join(project, "lab", "lab"), args, { encoding: "utf8" });
    assert.match(stderr, /^lab: Unknown option '--vrsion'[^]*\nusage: lab COMMAND/);
    assert.equal(status, 2);
  });

  it("refuses a missing and a superfluous argument", async () => {
    const missing = await run("status");
    assert.match(missing.stderr, /^status: an argument is missing\nusage: /);
    const superfluous = await run("inspect", "dev", "home");
    assert.match(superfluous.stderr, /^inspect: unexpected argument 'home'\nusage: /);
    assert.deepEqual([missing.code, superfluous.code], [2, 2]);
  });

  it("passes to Pulumi what follows --, and only where that is wanted", () => {
    const command = { options: {}, positionals: [1, 1] } as const;
    const args = ["home", "--", "--refresh", "--target", "x"];
    const given = readArguments({ ...command, forPulumi: true }, args);
    assert.ok(typeof given === "object");
    assert.deepEqual(given.positionals, ["home"]);
    assert.deepEqual(given.forPulumi, ["--refresh", "--target", "x"]);
    assert.equal(
      readArguments(command, ["home", "--", "--refresh"]),
      "unexpected argument '--refresh'",
    );
  });
});
