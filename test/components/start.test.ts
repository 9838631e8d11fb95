import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const project = join(__dirname, "..", "..");

/** Runs a program in Node behind the project's own, and parses what it prints. */
function printed(program: string, env: NodeJS.ProcessEnv = {}): unknown {
  const script = `require("./start.cjs");\n${program}`;
  const options = { cwd: project, env: { ...process.env, ...env } };
  return JSON.parse(execFileSync(process.execPath, ["-e", script], options).toString());
}

describe("the loader of the programs", function () {
  // Two processes that load all of TypeScript: seconds, and many of them on a busy machine.
  this.timeout(60_000);
  const late =
    "Object.keys(require.cache).filter((path) => /(typescript|arborist).lib.|pulumi.automation/.test(path))";

  it("loads neither TypeScript, npm's own library nor the automation API", () => {
    assert.deepEqual(
      printed(
        `console.log(JSON.stringify(${late}.filter((path) => require.cache[path].filename !== null)))`,
      ),
      [],
    );
  });

  it("loads them for a program that puts a function into the state", () => {
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

  it("loads the automation API for a program that uses it", () => {
    const type = "typeof require('@pulumi/pulumi').automation.LocalWorkspace";
    assert.equal(printed(`console.log(JSON.stringify(${type}));`), "function");
  });

  it("works with an SDK that has none of the parts it replaces", () => {
    const folder = mkdtempSync(join(tmpdir(), "loader-"));
    try {
      const sdk = join(folder, "node_modules", "@pulumi", "pulumi");
      mkdirSync(sdk, { recursive: true });
      writeFileSync(join(sdk, "package.json"), '{ "exports": { ".": "./index.js" } }');
      writeFileSync(join(sdk, "index.js"), "");
      symlinkSync(join(project, "node_modules", "tsx"), join(folder, "node_modules", "tsx"));
      copyFileSync(join(project, "loader.cjs"), join(folder, "loader.cjs"));
      writeFileSync(join(folder, "program.ts"), "const answer: number = 42; console.log(answer);");
      const script = 'require("./loader.cjs"); require("./program.ts");';
      const printed = execFileSync(process.execPath, ["-e", script], { cwd: folder });
      assert.equal(printed.toString(), "42\n");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("reports a promise that was left pending, as the SDK does", () => {
    const left = `require("./start.cjs");
      require("@pulumi/pulumi/runtime/debuggable").debuggablePromise(new Promise(() => undefined), "left");`;
    const { status, stderr } = spawnSync(process.execPath, ["-e", left], { cwd: project });
    assert.equal(status, 1);
    assert.match(stderr.toString(), /1 promise was still active/);
  });

  it("keeps the SDK's stacks and debug messages only with PROXIMITY_DEBUG", () => {
    const kept = `const { log } = require("@pulumi/pulumi");
      const promise = Promise.resolve();
      require("@pulumi/pulumi/runtime/debuggable").debuggablePromise(promise);
      console.log(JSON.stringify([log.debug.length, promise._debugStackTrace.includes("at ")]));`;
    assert.deepEqual(printed(kept), [0, false]);
    assert.deepEqual(printed(kept, { PROXIMITY_DEBUG: "1" }), [4, true]);
  });
});
