/** docs/proven-on.md: each test that it names exists. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

const ROOT = path.join(__dirname, "../..");

describe("docs/proven-on.md", () => {
  const text = readFileSync(path.join(ROOT, "docs/proven-on.md"), "utf8");
  const table = text.slice(text.indexOf("## The lab against the real code"));
  const rows = table
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| -|^\| Request/.test(line));

  it("names an existing test for each difference between the lab and the real code", () => {
    assert.ok(rows.length >= 24, String(rows.length));
    for (const row of rows) {
      const tests = [...(row.split("|").at(-2) ?? "").matchAll(/`([^`]+)`/g)].map(
        ([, file = ""]) => file,
      );
      assert.ok(tests.length > 0, row);
      for (const file of tests) assert.ok(existsSync(path.join(ROOT, file)), file);
    }
  });
});
