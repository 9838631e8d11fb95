import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { installedToolchain } from "./installed";

describe("the Go code of the built plugins", function () {
  this.timeout(20 * 60_000);

  it("passes toolchain/test.sh: gofmt, vet, tests", function () {
    if (installedToolchain()?.kind !== "built" && spawnSync("go", ["version"]).status !== 0) {
      console.log("      skipped: Go is not installed, and the plugins are not built here");
      this.skip();
    }
    const { status, stdout, stderr } = spawnSync(join(__dirname, "../../toolchain/test.sh"), {
      encoding: "utf8",
    });
    assert.equal(status, 0, `toolchain/test.sh failed:\n${stdout}${stderr}`);
  });
});
