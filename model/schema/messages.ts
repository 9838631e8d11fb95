/**
 * What is said of a value that does not fit the schema: the value, what it is not, and how to write it. Where a
 * value may be a secret (texts of files, values of headers), only its type is said.
 */
import { z } from "zod";

import { similar } from "../similar";

/** Values longer than that are cut. */
const SHOWN = 60;

/** The `error` of a schema, whose value it shows. */
export function invalid(what: string, remedy: string) {
  return {
    error: ({ input }: { readonly input?: unknown }) =>
      input === undefined ? `is missing. ${remedy}` : `${show(input)} is not ${what}. ${remedy}`,
  };
}

/** A value as it is written in a declaration. */
export function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}...`;
}

/** A sentence that asks for the candidate that is closest to a word; empty when none is close. */
function didYouMean(word: string, candidates: readonly string[]): string {
  const found = similar(word, candidates);
  return found === undefined ? "" : ` Did you mean ${found}?`;
}

/** What is said of a key that does not exist; `known` are those that do. */
export function unknownKey(key: string, known: readonly string[]): string {
  return `is not a key here.${didYouMean(key, known) || ` Remove it. The keys are ${known.join(", ")}.`}`;
}

/** The messages of checks that have none of their own; for `safeParse`. */
export const explain: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      return wrongType(issue.expected, issue.input);
    case "invalid_value": {
      const values = issue.values.map(String);
      if (issue.input === undefined) return missing(`one of ${values.join(", ")}`);
      const guess = typeof issue.input === "string" ? didYouMean(issue.input, values) : "";
      return `${show(issue.input)} is not one of ${values.join(", ")}.${guess}`;
    }
    case "too_small":
      if (issue.origin === "string") return "is empty.";
      if (issue.origin === "array") return "is an empty list. Write at least one value.";
      return `${show(issue.input)} is too small. Write ${issue.minimum} or more.`;
    case "too_big":
      return `${show(issue.input)} is too large. Write ${issue.maximum} or less.`;
    case "invalid_key":
    case "invalid_element":
      return issue.issues.map(({ message }) => message).join(" ");
    case "invalid_union":
      return ofUnion(issue.errors);
    default:
      return "is not valid here. docs/configuration.md says what it may be.";
  }
};

/** By the branch that the value comes closest to: the first whose type is right. */
function ofUnion(branches: readonly (readonly z.core.$ZodIssue[])[]): string {
  const firsts = branches.flatMap(([first]) => (first === undefined ? [] : [first]));
  const closest = firsts.find(({ code }) => code !== "invalid_type") ?? firsts[0];
  return closest?.message ?? "is not valid here.";
}

/** What a type is called, and how one writes a value of it. */
const types: Readonly<Record<string, readonly [name: string, remedy: string]>> = {
  string: ["text", "Put it in quotes."],
  number: ["a whole number", "Write one without quotes, such as 8080."],
  int: ["a whole number", "Write one without quotes, such as 8080."],
  boolean: ["true or false", "Write one of them without quotes."],
  array: ["a list", "Write its values in brackets, with commas between them."],
  object: ["a mapping", "Write its keys below it, each with a value."],
  record: ["a mapping", "Write its keys below it, each with a value."],
};

function wrongType(expected: string, input: unknown): string {
  const [name, remedy] = types[expected] ?? [expected, ""];
  if (input === undefined) return missing(name);
  if (input === null) return "is empty. Write a value, or remove the key.";
  const isPlain = ["number", "int", "boolean"].includes(expected) && typeof input !== "object";
  return `${isPlain ? show(input) : `is ${typeOf(input)}, which`} is not ${name}. ${remedy}`.trim();
}

function missing(what: string): string {
  return `is missing. It must be ${what}.`;
}

function typeOf(input: unknown): string {
  if (Array.isArray(input)) return "a list";
  if (typeof input === "string") return "text";
  if (typeof input === "number") return "a number";
  return typeof input === "boolean" ? "true or false" : "a mapping";
}

/** The keys that a schema has at a path; empty where it takes any. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  const inner = unwrapped(schema);
  const [key, ...rest] = path;
  if (key === undefined) return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
  const next = childOf(inner, String(key));
  return next === undefined ? [] : keysAt(next, rest);
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional
  )
    return unwrapped(schema.unwrap());
  return schema;
}

function childOf(schema: z.core.$ZodType, key: string): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) {
    const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
    return shape[key];
  }
  if (schema instanceof z.ZodRecord) return schema.valueType;
  return schema instanceof z.ZodArray ? schema.element : undefined;
}
