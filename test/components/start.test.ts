import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";

const project = join(__dirname, "..", "..");

/** What a program prints that runs in Node by itself, once the project's own program is loaded. */
function printed(program: string, env: NodeJS.ProcessEnv = {}): unknown {
  const script = `require("./start.cjs");\n${program}`;
  const options = { cwd: project, env: { ...process.env, ...env } };
  return JSON.parse(execFileSync(process.execPath, ["-e", script], options).toString());
}

describe("the way into the program", function () {
  // Two processes that load all of TypeScript: seconds, and many of them on a busy machine.
  this.timeout(60_000);
  const large =
    "Object.keys(require.cache).filter((path) => /(typescript|arborist).lib.|pulumi.(automation|provider).|locales.index|normalize-package-data/.test(path))";

  it("loads neither TypeScript, npm's own library nor what else is for other programs", () => {
    assert.deepEqual(
      printed(
        `console.log(JSON.stringify(${large}.filter((path) => require.cache[path].filename !== null)))`,
      ),
      [],
    );
  });

  it("loads them for who puts a function into the state", () => {
    const code = printed(
      `const { dirname } = require("node:path");
      require("@pulumi/pulumi").runtime.serializeFunction(() => dirname("/a/b"))
        .then(({ text }) => console.log(JSON.stringify(text)));`,
    );
    assert.match(String(code), /dirname\("\/a\/b"\)/);
    const packages = printed(
      `require("@pulumi/pulumi").runtime.computeCodePaths({ unnamed: () => undefined })
        .then((paths) => console.log(JSON.stringify([...paths.keys()].length > 0)));`,
    );
    assert.equal(packages, true);
  });

  it("loads the rest for who asks for it", () => {
    const names = printed(
      `const { automation, provider } = require("@pulumi/pulumi");
      const { locales } = require("zod");
      console.log(JSON.stringify([automation.LocalWorkspace, provider.main, locales.de].map((loaded) => typeof loaded)));`,
    );
    assert.deepEqual(names, ["function", "function", "function"]);
  });

  it("says that a promise was left pending, as the SDK does", () => {
    const left = `require("./start.cjs");
      require("@pulumi/pulumi/runtime/debuggable").debuggablePromise(new Promise(() => undefined), "left");`;
    const { status, stderr } = spawnSync(process.execPath, ["-e", left], { cwd: project });
    assert.equal(status, 1);
    assert.match(stderr.toString(), /1 promise was still active/);
  });

  it("keeps the SDK's stacks and debug messages for who asks for them, and for nobody else", () => {
    const told = `const { log, Resource } = require("@pulumi/pulumi");
      const promise = Promise.resolve();
      require("@pulumi/pulumi/runtime/debuggable").debuggablePromise(promise);
      console.log(JSON.stringify([log.debug.length, Resource.callsites().length > 0, promise._debugStackTrace.includes("at ")]));`;
    assert.deepEqual(printed(told), [0, false, false]);
    assert.deepEqual(printed(told, { PROXIMITY_DEBUG: "1" }), [4, true, true]);
  });
});
