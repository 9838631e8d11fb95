/** Lists of small checks, each looked at by itself and told as a table, as JSON, and as an exit code. */

import { messageOf } from "./main";

/** What one look found. */
export interface Finding {
  /** skipped: could not be looked at, for the reason that `seen` gives. */
  readonly verdict: "ok" | "warning" | "failed" | "skipped";
  /** What was observed. */
  readonly seen: string;
  /** What to do about it, where it is not as it should be. */
  readonly action?: string;
}

/** One thing to look at; whatever `look` throws is a failure in its own words. */
export interface Check<Context> {
  readonly name: string;
  readonly look: (context: Context) => Finding | Promise<Finding>;
}

/** A finding under its check's name. */
export interface Result extends Finding {
  readonly name: string;
}

/** Runs the checks one after the other, so that what they print of the node stays in order. */
export async function runChecks<C>(
  checks: readonly Check<C>[],
  context: C,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const { name, look } of checks) results.push({ name, ...(await found(look, context)) });
  return results;
}

async function found<C>(look: Check<C>["look"], context: C): Promise<Finding> {
  try {
    return await look(context);
  } catch (error) {
    return { verdict: "failed", seen: messageOf(error) };
  }
}

/** Shorthands for findings. */
export const ok = (seen: string): Finding => ({ verdict: "ok", seen });
export const skipped = (seen: string): Finding => ({ verdict: "skipped", seen });
export const warning = (seen: string, action: string): Finding => ({
  verdict: "warning",
  seen,
  action,
});
export const failed = (seen: string, action: string): Finding => ({
  verdict: "failed",
  seen,
  action,
});

/** As a table for a person, or as JSON; the exit code is 1 when a check failed. */
export function report(results: readonly Result[], json: boolean): void {
  process.stdout.write(json ? `${JSON.stringify(results, null, 2)}\n` : toTable(results));
  if (results.some(({ verdict }) => verdict === "failed")) process.exitCode = 1;
}

/** One line a check, and under it what to do. */
export function toTable(results: readonly Result[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const lines = results.flatMap(({ name, verdict, seen, action }) => [
    `${verdict.padEnd(8)} ${name.padEnd(width)}  ${seen}`,
    ...(action === undefined ? [] : [`${" ".repeat(width + 9)}  -> ${action}`]),
  ]);
  const count = (verdict: Finding["verdict"]) =>
    results.filter((result) => result.verdict === verdict).length;
  const counts = (["ok", "warning", "failed", "skipped"] as const).map((v) => `${count(v)} ${v}`);
  return `${lines.join("\n")}\n${counts.join(", ")}\n`;
}

/** Asks once, when first needed, and keeps the answer for the other checks. */
export function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => (answer ??= ask());
}
