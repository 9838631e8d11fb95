import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { page, Report } from "../bench/support/report";

const docs = join(__dirname, "..", "..", "docs");

describe("docs/benchmarks.md", () => {
  it("says what is in docs/benchmarks.json, and nothing else", async () => {
    const { sections } = Report.parse(
      JSON.parse(readFileSync(join(docs, "benchmarks.json"), "utf8")),
    );
    assert.equal(readFileSync(join(docs, "benchmarks.md"), "utf8"), await page(sections));
  });
});
