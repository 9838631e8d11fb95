/** Writes the documents that are made from code; run by `make docs`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { generated } from "./generated";

for (const { path, text } of generated()) writeFileSync(join(__dirname, "..", "..", path), text);
