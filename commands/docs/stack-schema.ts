/** docs/stack.schema.json: the shape of `Pulumi.<stack>.yaml`, for editors (JSON Schema 2020-12). */
import { z } from "zod";

import { siteSchema } from "../../model/schema/site";

/** The schema as text; keys next to the site belong to Pulumi and other packages and are left open. */
export function renderStackSchema(): string {
  const { $schema, ...site } = z.toJSONSchema(siteSchema, { io: "input" });
  const schema = {
    $schema,
    title: "Stack file of proximity-lan",
    type: "object",
    properties: { config: { type: "object", properties: { "proximity-lan:site": site } } },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
