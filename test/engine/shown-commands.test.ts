import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { project } from "../docs/markdown";
import { flags, nodeLines, words } from "../docs/shown-commands";

describe("the commands that docs/install.md shows for a real node", () => {
  it("give Pulumi flags that it has", () => {
    const lines = nodeLines.filter((line) => line.startsWith("pulumi "));
    assert.ok(lines.length > 0);
    for (const line of lines) {
      const verbs = words(line).slice(1, /^pulumi (stack|config) /.test(line) ? 3 : 2);
      const help = spawnSync(join(project, "toolchain/pulumi"), [...verbs, "--help"], {
        encoding: "utf8",
      });
      assert.equal(help.status, 0, `${line}\n${help.stderr}`);
      for (const flag of flags(line))
        assert.match(help.stdout, new RegExp(`^\\s+(-\\w, )?--${flag}\\b`, "m"), line);
    }
  });
});
