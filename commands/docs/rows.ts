/** The schema of a site as rows of a table: path, type, default and meaning in plain words. */
import { z } from "zod";

import { siteSchema } from "../../model/schema/site";

const node = z.object({
  description: z.string().optional(),
  "x-default": z.string().optional(),
  "x-key": z.string().optional(),
  type: z.string().optional(),
  default: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  required: z.array(z.string()).default([]),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
});

type Node = z.output<typeof node>;

/** One key, `apps.NAME.port`, with what the schema says of it. */
export interface Row {
  readonly key: string;
  readonly type: string;
  readonly defaultText: string;
  readonly meaning: string;
}

/** Every key that a person may write under `site`, objects that only group others left out. */
export function schemaRows(): readonly Row[] {
  return rowsOf("", node.parse(z.toJSONSchema(siteSchema, { io: "input" })), true);
}

function rowsOf(key: string, here: Node, required: boolean): readonly Row[] {
  if (here.properties !== undefined)
    return Object.entries(here.properties).flatMap(([name, child]) =>
      rowsOf(key === "" ? name : `${key}.${name}`, node.parse(child), here.required.includes(name)),
    );
  const { description: meaning, "x-key": placeholder } = here;
  if (meaning === undefined) throw new Error(`the schema does not say what ${key} is for`);
  const row = { key, type: typeOf(key, here), defaultText: defaultOf(here, required), meaning };
  if (here.type !== "object") return [row];
  if (placeholder === undefined) throw new Error(`what does a person choose under ${key}?`);
  const value = node.parse(here.additionalProperties);
  return value.properties === undefined
    ? [row]
    : [row, ...rowsOf(`${key}.${placeholder}`, value, true)];
}

function typeOf(key: string, { type, anyOf = [], items, minimum, maximum }: Node): string {
  const kind = type ?? anyOf.map((one) => node.parse(one).type).find((one) => one !== undefined);
  if (kind === "array") return `list of ${typeOf(key, node.parse(items))}`;
  if (kind === "integer") return `number, ${rangeOf(minimum, maximum)}`;
  const word = words[kind ?? ""];
  if (word === undefined) throw new Error(`there is no word for the type of ${key}`);
  return word;
}

const words: Readonly<Record<string, string>> = {
  string: "text",
  boolean: "true or false",
  object: "map",
};

function rangeOf(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum === undefined) throw new Error("there is no word for a number without limits");
  return maximum === undefined || maximum === Number.MAX_SAFE_INTEGER
    ? `from ${minimum}`
    : `${minimum} to ${maximum}`;
}

function defaultOf(here: Node, required: boolean): string {
  const value = here.default;
  if (value === undefined) return required ? "**required**" : (here["x-default"] ?? "none");
  if (Array.isArray(value))
    return value.length === 0 ? "none" : value.map((one) => `\`${String(one)}\``).join(", ");
  if (typeof value === "object" && value !== null) return "none";
  return `\`${JSON.stringify(value).replace(/^"|"$/g, "")}\``;
}
