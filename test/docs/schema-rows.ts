/** The schema of a site as rows of the README's table: path, type and default in the README's words. */
import { z } from "zod";

import { siteSchema } from "../../model/schema";

const node = z.object({
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

/** One key; `defaultText` is undefined where the schema leaves the key open and names no default. */
export interface Row {
  readonly key: string;
  readonly type: string;
  readonly defaultText: string | undefined;
}

/** Placeholders for the keys that a person chooses, by the map they stand in. */
const chosen: Readonly<Record<string, string>> = { apps: "NAME", files: "PATH" };

/** Every key that a person may write under `site`, objects that only group others left out. */
export function schemaRows(): readonly Row[] {
  return rowsOf("", node.parse(z.toJSONSchema(siteSchema, { io: "input" })), true);
}

function rowsOf(key: string, here: Node, required: boolean): readonly Row[] {
  if (here.properties !== undefined)
    return Object.entries(here.properties).flatMap(([name, child]) =>
      rowsOf(key === "" ? name : `${key}.${name}`, node.parse(child), here.required.includes(name)),
    );
  const row = { key, type: typeOf(key, here), defaultText: defaultOf(here, required) };
  if (here.type !== "object") return [row];
  const placeholder = chosen[key.split(".").at(-1) ?? ""];
  if (placeholder === undefined) throw new Error(`what does a person choose under ${key}?`);
  return [row, ...rowsOf(`${key}.${placeholder}`, node.parse(here.additionalProperties), true)];
}

function typeOf(key: string, { type, anyOf = [], items, minimum, maximum }: Node): string {
  const kind = type ?? anyOf.map((one) => node.parse(one).type).find((one) => one !== undefined);
  if (kind === "array") return `list of ${typeOf(key, node.parse(items))}`;
  if (kind === "integer") return `number, ${rangeOf(minimum, maximum)}`;
  const word = words[kind ?? ""];
  if (word === undefined) throw new Error(`the README has no word for the type of ${key}`);
  return word;
}

const words: Readonly<Record<string, string>> = {
  string: "text",
  boolean: "true or false",
  object: "map",
};

function rangeOf(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum === undefined) throw new Error("the README has no word for a number without limits");
  return maximum === undefined || maximum === Number.MAX_SAFE_INTEGER
    ? `from ${minimum}`
    : `${minimum} to ${maximum}`;
}

function defaultOf(here: Node, required: boolean): string | undefined {
  const value = here.default;
  if (value === undefined) return required ? "**required**" : undefined;
  if (Array.isArray(value))
    return value.length === 0 ? "none" : value.map((one) => `\`${String(one)}\``).join(", ");
  if (typeof value === "object" && value !== null) return "none";
  return `\`${JSON.stringify(value).replace(/^"|"$/g, "")}\``;
}
