import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";

import { COVERAGE_FILE, COVERED_RELEASES, coverageText } from "../../lab/coverage";
import { schemaPath } from "../../lab/schema/load";

describe("lab coverage table", () => {
  it("is what npx tsx lab/coverage.ts writes now", async function () {
    const missing = COVERED_RELEASES.map(schemaPath).filter((file) => !existsSync(file));
    if (missing.length > 0) {
      console.log(`      skipped: no official schema at ${missing.join(", ")}`);
      this.skip();
    }
    assert.equal(readFileSync(COVERAGE_FILE, "utf8"), await coverageText());
  });
});
