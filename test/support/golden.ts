import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Compares with test/golden/PATH; `GOLDEN=write` rewrites it, which CI never does. */
export function assertGolden(path: string, text: string): void {
  const file = join(__dirname, "..", "golden", path);
  if (process.env["GOLDEN"] === "write" && process.env["CI"] === undefined) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  assert.equal(text, readFileSync(file, "utf8"));
}
