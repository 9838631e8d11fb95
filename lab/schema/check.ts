import { ParameterError } from "../server/parameter-error";
import { parseBoolean } from "../server/params";
import { checkFormat } from "./formats";
import type { MethodSchema, ParameterSchema, PropertyFormat } from "./schema";

type Errors = Record<string, string>;

const UNKNOWN =
  "property is not defined in schema and the schema does not allow additional properties";
const MISSING = "property is missing and it is not optional";

/** The schema of a parameter; `net3` finds `net[n]`. */
function propertyOf(properties: PropertyFormat, name: string): ParameterSchema | undefined {
  return properties[name] ?? properties[name.replace(/\d+$/, "[n]")];
}

function checkType(type: string, value: string): boolean {
  if (type === "integer") return /^[+-]?\d+$/.test(value);
  if (type === "number") return /^[+-]?\d+(?:\.\d+)?$/.test(value);
  if (type === "boolean") return parseBoolean(value) !== undefined;
  return true;
}

function checkLimits(schema: ParameterSchema, value: string): string | undefined {
  const { minimum, maximum, minLength, maxLength, type } = schema;
  if (maxLength !== undefined && value.length > maxLength) {
    return `value may only be ${maxLength} characters long`;
  }
  if (minLength !== undefined && value.length < minLength) {
    return `value must be at least ${minLength} characters long`;
  }
  if (type !== "integer" && type !== "number") return undefined;
  if (maximum !== undefined && Number(value) > maximum) {
    return `value must have a maximum value of ${maximum}`;
  }
  if (minimum !== undefined && Number(value) < minimum) {
    return `value must have a minimum value of ${minimum}`;
  }
  return undefined;
}

/**
 * A pattern of the schema, anchored. They are Perl's: `(?^i:...)` is a group with its own flags, which
 * JavaScript has for whole expressions only.
 */
export function perlPattern(pattern: string): RegExp {
  const group = /\(\?\^([a-z]*):/g;
  const ignoreCase = [...pattern.matchAll(group)].some(([, flags = ""]) => flags.includes("i"));
  return new RegExp(`^(?:${pattern.replace(group, "(?:")})$`, ignoreCase ? "i" : "");
}

function checkFormatOf(name: string, schema: ParameterSchema, value: string): string | undefined {
  if (schema.format === undefined) return undefined;
  const complaint =
    typeof schema.format === "string"
      ? checkFormat(schema.format, value)
      : checkPropertyString(name, schema.format, value);
  return complaint === undefined ? undefined : `invalid format - ${complaint}\n`;
}

/** Format, pattern, limits, enumeration: in this order, as the first complaint is the only one. */
function checkText(name: string, schema: ParameterSchema, value: string): string | undefined {
  const format = checkFormatOf(name, schema, value);
  if (format !== undefined) return format;
  if (schema.pattern !== undefined && !perlPattern(schema.pattern).test(value)) {
    return "value does not match the regex pattern";
  }
  const limit = checkLimits(schema, value);
  if (limit !== undefined) return limit;
  if (schema.enum != null && !schema.enum.includes(value)) {
    return `value '${value}' does not have a value in the enumeration '${schema.enum.join(", ")}'`;
  }
  return undefined;
}

/** What is wrong with one value, in Proxmox's words, or undefined; `name` is only for nested texts. */
export function checkValue(
  name: string,
  schema: ParameterSchema,
  value: string,
): string | undefined {
  if (schema.type !== undefined && !checkType(schema.type, value)) {
    return `type check ('${schema.type}') failed - got '${value}'`;
  }
  return checkText(name, schema, value);
}

/** Splits `key=value,...`; throws the text that Proxmox has for a broken one. */
export function splitPropertyString(format: PropertyFormat, text: string): Map<string, string> {
  const defaultKey = Object.keys(format).find((key) => format[key]?.default_key === 1);
  const values = new Map<string, string>();
  for (const part of text.split(",")) {
    if (part === "") continue;
    const at = part.indexOf("=");
    const key = at < 0 ? defaultKey : part.slice(0, at).trim();
    if (key === undefined) {
      throw new Error("value without key, but schema does not define a default key");
    }
    if (key === "") throw new Error("missing key in comma-separated list property");
    if (values.has(key)) {
      throw new Error(`duplicate key in comma-separated list property: ${key}`);
    }
    values.set(key, at < 0 ? part : part.slice(at + 1));
  }
  return values;
}

function missingKeys(properties: PropertyFormat, values: ReadonlyMap<string, string>): Errors {
  const missing = Object.entries(properties)
    .filter(([name, schema]) => schema.optional !== 1 && !name.endsWith("[n]") && !values.has(name))
    .map(([name]) => [name, MISSING] as const);
  return Object.fromEntries(missing);
}

function checkObject(properties: PropertyFormat, values: ReadonlyMap<string, string>): Errors {
  const errors = missingKeys(properties, values);
  for (const [name, value] of values) {
    const schema = propertyOf(properties, name);
    if (schema === undefined) {
      errors[name] = UNKNOWN;
    } else if (value !== "" || schema.optional !== 1) {
      // An empty optional value counts as unset.
      const complaint = checkValue(name, schema, value);
      if (complaint !== undefined) errors[name] = complaint;
    }
    if (schema?.requires !== undefined && !values.has(schema.requires)) {
      errors[schema.requires] = `missing property - '${name}' requires this property`;
    }
  }
  return errors;
}

/** What is wrong with a property string, every key at once, or undefined. */
export function checkPropertyString(
  name: string,
  format: PropertyFormat,
  text: string,
): string | undefined {
  let values: Map<string, string>;
  try {
    values = splitPropertyString(format, text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const errors = Object.entries(checkObject(format, values));
  if (errors.length === 0) return undefined;
  const lines = errors.map(([key, complaint]) => `${name}.${key}: ${complaint.trimEnd()}`);
  return ["format error", ...lines].join("\n");
}

/** Throws a ParameterError that names every parameter the API schema refuses. */
export function checkParameters(schema: MethodSchema, values: ReadonlyMap<string, string>): void {
  const known = schema.additional
    ? new Map([...values].filter(([name]) => propertyOf(schema.properties, name) !== undefined))
    : values;
  const errors = checkObject(schema.properties, known);
  if (Object.keys(errors).length > 0) throw new ParameterError(errors);
}

/** Joins repeated keys where the schema has a list, as Proxmox does; elsewhere they are an error. */
export function joinRepeated(
  schema: MethodSchema,
  values: ReadonlyMap<string, readonly string[]>,
): Map<string, string> {
  const joined = new Map<string, string>();
  for (const [name, texts] of values) {
    const property = propertyOf(schema.properties, name);
    const format = property?.format;
    const isList =
      property?.type === "array" || (typeof format === "string" && format.endsWith("-list"));
    if (texts.length > 1 && !isList && name !== "delete") {
      throw new ParameterError({
        [name]: `type check ('${property?.type ?? "string"}') failed - got ARRAY`,
      });
    }
    joined.set(name, texts.join(","));
  }
  return joined;
}
