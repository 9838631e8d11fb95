/** docs/outputs.schema.json: the shape of `pulumi stack output --json` (JSON Schema 2020-12). */
import { z } from "zod";

import { outputsSchema } from "../../model/outputs";

/** The schema as text. */
export function renderOutputsSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(outputsSchema);
  return `${JSON.stringify({ $schema, title: "Outputs of proximity-lan", ...schema }, null, 2)}\n`;
}
