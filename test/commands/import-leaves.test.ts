/**
 * Nothing of two Phoenix files is lost in silence: for each value in them, a note names it or what it stands
 * in, or another value would give another declaration, other notes or other problems.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";

import { importPhoenix } from "../../commands/import/phoenix";

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type Path = readonly string[];

/** Both files; paths begin with the file. */
interface Files {
  readonly hypervisor: Json;
  readonly lxc: Json;
}

const entriesOf = (value: Json): readonly (readonly [string, Json])[] =>
  typeof value === "object" && value !== null ? Object.entries(value as Record<string, Json>) : [];

const isScalar = (value: Json): value is string | number | boolean =>
  value !== null && typeof value !== "object";

/** Paths of all values that are no objects and no lists; null asks for nothing. */
function leavesOf(value: Json): readonly Path[] {
  if (isScalar(value)) return [[]];
  return entriesOf(value).flatMap(([key, inner]) => leavesOf(inner).map((path) => [key, ...path]));
}

const other = (value: string | number | boolean): Json => {
  if (typeof value === "boolean") return !value;
  return typeof value === "number" ? value + 1 : `${value}7`;
};

/** The same with another value at a path. */
function altered(value: Json, [key, ...path]: Path): Json {
  if (key === undefined) return isScalar(value) ? other(value) : value;
  const entries = entriesOf(value).map(
    ([name, inner]) => [name, name === key ? altered(inner, path) : inner] as const,
  );
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

const imported = ({ hypervisor, lxc }: Files) => importPhoenix(hypervisor, lxc);

/** The paths that notes and problems name: `a.b, c: reason`, or `900 (name): reason`. */
function namedBy({ notes, problems }: ReturnType<typeof imported>): ReadonlySet<string> {
  return new Set(
    [...notes, ...problems]
      .flatMap((note) => note.slice(0, note.indexOf(": ")).split(", "))
      .map((name) => name.replace(/ \(.*\)?$/, "")),
  );
}

/** The leaves of both files that were lost in silence. */
function lostIn(files: Files): readonly string[] {
  const result = imported(files);
  const named = namedBy(result);
  const outcome = JSON.stringify(result);
  return (["hypervisor", "lxc"] as const).flatMap((file) =>
    leavesOf(files[file])
      .filter((path) => {
        const own = path[0] === "lxc_configs" ? path.slice(1) : path;
        if (own.some((_, at) => named.has(own.slice(0, at + 1).join(".")))) return false;
        const without = { ...files, [file]: altered(files[file], path) };
        return JSON.stringify(imported(without)) === outcome;
      })
      .map((path) => `${file}: ${path.join(".")}`),
  );
}

const fixture = (name: string): Json =>
  JSON.parse(readFileSync(join(__dirname, "phoenix", `${name}.json`), "utf8")) as Json;

describe("the values of two Phoenix files", function () {
  this.timeout(120_000);

  // Its keys are those of the 112 and 55 versions in SirHeads/Testing-ideas and
  // SirHeads/phoenix_hypervisor_scripts on GitHub, as of November 2025; the values are made up.
  const whole: Files = {
    hypervisor: fixture("every_key_hypervisor"),
    lxc: fixture("every_key_lxc"),
  };

  it("are all accounted for, with every key that Phoenix ever had", () => {
    assert.ok(leavesOf(whole.hypervisor).length + leavesOf(whole.lxc).length > 300);
    assert.deepEqual(imported(whole).problems, []);
    assert.deepEqual(lostIn(whole), []);
  });

  it("are never shown where they have no place", () => {
    assert.doesNotMatch(JSON.stringify(imported(whole)), /not-to-be-shown/);
  });

  const key = fc.stringMatching(/^[a-z][a-z_]{0,8}$/);
  const scalar = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.nat(),
    fc.boolean(),
    fc.constantFrom("none", "dhcp", "true", "", "10.0.0.7", "10.0.0.7/24", null),
  );
  const anything: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      scalar,
      fc.array(tie("json"), { maxLength: 3 }),
      fc.dictionary(key, tie("json"), { maxKeys: 3 }),
    ),
  })).json;
  /** Some of an object's keys with their values or with any other, and keys that nobody knows. */
  const some = (value: Json): fc.Arbitrary<Json> => {
    if (typeof value !== "object" || value === null)
      return fc.oneof({ weight: 6, arbitrary: fc.constant(value) }, anything);
    if (Array.isArray(value))
      return fc.tuple(...(value as readonly Json[]).map(some)).chain((list) => fc.subarray(list));
    const known = Object.fromEntries(entriesOf(value).map(([name, inner]) => [name, some(inner)]));
    return fc
      .tuple(
        fc.record(known, { requiredKeys: [] }),
        fc.dictionary(key, anything, { maxKeys: 1 }),
        fc.constantFrom(0, 0, 0, 1),
      )
      .map(([own, foreign, more]): Json => ({ ...(more === 0 ? {} : foreign), ...defined(own) }));
  };

  const defined = (value: Readonly<Record<string, Json | undefined>>): Record<string, Json> =>
    Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]) =>
        inner === undefined ? [] : [[name, inner]],
      ),
    );

  it("are all accounted for in any two files", () => {
    const files = fc.record({ hypervisor: some(whole.hypervisor), lxc: some(whole.lxc) });
    const property = fc.property(files, (two) => {
      assert.deepEqual(lostIn(two), []);
    });
    fc.assert(property, { numRuns: Number(process.env["PHOENIX_FILES"] ?? 30) });
  });
});
