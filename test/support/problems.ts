import assert from "node:assert/strict";

import { parseSite } from "../../model/site";
import { noSources } from "./sites";

/** What is wrong with a site, as `path: message`. */
export function problems(value: unknown): readonly string[] {
  const result = parseSite(value, "dev", noSources);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

/** Exactly one problem, at this path, whose text has these words. */
export function refuses(name: string, value: unknown, path: string, words: RegExp): void {
  it(`refuses ${name}`, () => {
    const found = problems(value);
    assert.equal(found.length, 1, found.join("\n"));
    const [problem = ""] = found;
    assert.ok(problem.startsWith(`${path}: `), problem);
    assert.match(problem, words);
  });
}
