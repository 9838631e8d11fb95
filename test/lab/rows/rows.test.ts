import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { CLIENT_ONLY, keysOf, rowsOf } from "./row-table";

const ROOT = path.resolve(__dirname, "../../..");

const PAGE = "docs/proxmox/provider-calls.md";

/** Sections whose rows bind a node. */
const SECTIONS = /^(?:[1-9](?:\.\d)?|10)$/;

/** Titles of all tests of the lab. */
const titles = (): readonly string[] =>
  readdirSync(path.join(ROOT, "test"), { encoding: "utf8", recursive: true })
    .filter((file) => /^lab.*\.test\.ts$/.test(file))
    .flatMap((file) => [
      ...readFileSync(path.join(ROOT, "test", file), "utf8").matchAll(/\bit\(\s*["`]([^"`]+)["`]/g),
    ])
    .map(([, title = ""]) => title);

describe(PAGE, () => {
  it("has no row without a test that names it, or a reason why there is none", () => {
    const rows = rowsOf(readFileSync(path.join(ROOT, PAGE), "utf8"), SECTIONS);
    assert.ok(rows.length > 100, `only ${rows.length} rows were found`);
    const tested = new Set(titles().flatMap(keysOf));
    const forgotten = rows.filter((row) => !tested.has(row) && !CLIENT_ONLY.has(row));
    assert.deepEqual(forgotten, []);
    const known = new Set(rows);
    const invented = [...tested, ...CLIENT_ONLY.keys()].filter(
      (key) => !known.has(key) && !known.has(`${key} row 1`) && key.includes(" "),
    );
    assert.deepEqual(invented, []);
    const both = [...CLIENT_ONLY.keys()].filter((key) => tested.has(key));
    assert.deepEqual(both, []);
  });

  it("is read row by row: tables by name or number, lists by place", () => {
    const page = `## 1. A
### 1.1 B
| topic | fact |
|---|---|
| \`base\` (x) | text |
| 2 | text |
- item
## 12. C
1. item
2. item
## 13. D
- item
`;
    assert.deepEqual(rowsOf(page, /^(?:1\.1|12)$/), [
      "1.1 base",
      "1.1 row 2",
      "1.1 row 1",
      "12 row 1",
      "12 row 2",
    ]);
    assert.deepEqual(keysOf("1.1 base; 1.1 row 2: words: more"), ["1.1 base", "1.1 row 2"]);
    assert.deepEqual(keysOf("answers the lookups"), []);
  });
});
