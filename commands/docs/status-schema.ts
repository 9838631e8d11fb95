/** docs/status.schema.json: the shape of the status document (JSON Schema 2020-12). */
import { z } from "zod";

import { statusSchema } from "../../model/status";

/** The schema as text. */
export function renderStatusSchema(): string {
  const { $schema, ...shape } = z.toJSONSchema(statusSchema);
  const schema = { $schema, title: "Status of the infrastructure of proximity-lan", ...shape };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
