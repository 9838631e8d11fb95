/** Holds outputs to their published schema. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";

const file = join(__dirname, "..", "..", "docs", "outputs.schema.json");

/** Fails with every place where the value is not as docs/outputs.schema.json promises. */
export function assertPublished(outputs: unknown): void {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  addFormats(ajv);
  const isValid = ajv.compile(JSON.parse(readFileSync(file, "utf8")) as object);
  assert.ok(isValid(outputs), JSON.stringify({ errors: isValid.errors, outputs }, null, 2));
}
