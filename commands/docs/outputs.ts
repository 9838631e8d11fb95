/** docs/outputs.md: every output, from the schema that the outputs are held to. */
import { z } from "zod";

import { outputsSchema } from "../../model/outputs";

const node = z.object({
  description: z.string().optional(),
  "x-key": z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
});

interface Row {
  readonly output: string;
  readonly meaning: string;
}

/** The whole page. */
export function renderOutputs(): string {
  return [
    "# Outputs",
    "",
    "Generated from `model/outputs.ts` by `make docs`; change it there.",
    "",
    "`pulumi stack output`, or `make outputs`. With no app and no `keepWhenEmpty` there is only `mode`. A value that",
    "was not observed is omitted. [outputs.schema.json](outputs.schema.json) is the contract, as a JSON schema.",
    "`examples/outputs-reader/` is a program that reads the outputs through a StackReference.",
    "",
    "| output | meaning |",
    "| --- | --- |",
    ...rowsOf("", z.toJSONSchema(outputsSchema)).map(
      ({ output, meaning }) => `| \`${output}\` | ${meaning} |`,
    ),
    "",
  ].join("\n");
}

function rowsOf(output: string, schema: unknown): readonly Row[] {
  const { description, properties, additionalProperties, "x-key": key } = node.parse(schema);
  if (properties !== undefined)
    return Object.entries(properties).flatMap(([name, child]) =>
      rowsOf(output === "" ? name : `${output}.${name}`, child),
    );
  if (key !== undefined && node.parse(additionalProperties).properties !== undefined)
    return rowsOf(`${output}.${key}`, additionalProperties);
  if (description === undefined) throw new Error(`the schema does not say what ${output} means`);
  return [{ output: key === undefined ? output : `${output}.${key}`, meaning: description }];
}
