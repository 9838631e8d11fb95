import { readFileSync } from "node:fs";

import { z } from "zod";

/** A type of Pulumi's package schema, as far as the comparison needs it. */
export interface Type {
  readonly $ref?: string | undefined;
  readonly items?: Type | undefined;
  readonly additionalProperties?: Type | undefined;
}

const type: z.ZodType<Type> = z.lazy(() =>
  z.object({
    $ref: z.string().optional(),
    items: type.optional(),
    additionalProperties: type.optional(),
  }),
);
const properties = z.record(z.string(), type).default({});
const names = z.array(z.string()).default([]);
const object = z.object({ properties, required: names, enum: z.array(z.unknown()).optional() });
const resource = z.object({ properties, inputProperties: properties, requiredInputs: names });

const schema = z.object({
  types: z.record(z.string(), object).default({}),
  provider: resource,
  resources: z.record(z.string(), resource),
  functions: z
    .record(z.string(), z.object({ inputs: object.optional(), outputs: object.optional() }))
    .default({}),
});

/** Pulumi's package schema, as far as the comparison needs it. */
export type Schema = z.infer<typeof schema>;

/** A type with properties. */
export type ObjectType = z.infer<typeof object>;

/** Reads the schema.json of a plugin; throws when it is not one. */
export function readSchema(file: string): Schema {
  return schema.parse(JSON.parse(readFileSync(file, "utf8")));
}
