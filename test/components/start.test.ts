import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const project = join(__dirname, "..", "..");

/** What a program prints that runs in Node by itself, once the project's own program is loaded. */
function printed(program: string): unknown {
  const script = `require("./start.cjs");\n${program}`;
  return JSON.parse(execFileSync(process.execPath, ["-e", script], { cwd: project }).toString());
}

describe("the way into the program", function () {
  // Two processes that load all of TypeScript: seconds, and many of them on a busy machine.
  this.timeout(60_000);
  const large =
    "Object.keys(require.cache).filter((path) => /(typescript|arborist).lib./.test(path))";

  it("loads neither TypeScript nor npm's own library", () => {
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
});
