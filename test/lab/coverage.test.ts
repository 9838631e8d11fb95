import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { COVERAGE_FILE, coverageText } from "../../lab/coverage";

describe("lab coverage table", () => {
  it("is what npx tsx lab/coverage.ts writes now", async () => {
    assert.equal(readFileSync(COVERAGE_FILE, "utf8"), await coverageText());
  });
});
