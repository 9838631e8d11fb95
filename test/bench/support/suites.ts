/** What `test/all.sh` says of its suites. */

/** One suite and how long it ran. */
export interface Suite {
  readonly name: string;
  readonly seconds: number;
}

/** Longest first. */
export function suitesOf(log: string): readonly Suite[] {
  return [...log.matchAll(/^== (\S+) took (\d+) s$/gm)]
    .map(([, name = "", seconds = ""]) => ({ name, seconds: Number(seconds) }))
    .sort((a, b) => b.seconds - a.seconds);
}

/** Its last line: `N passed, N failed, N skipped`. Throws when there is none. */
export function totalOf(log: string): string {
  const [line] = /^\d+ passed, \d+ failed, \d+ skipped$/m.exec(log) ?? [];
  if (line === undefined) throw new Error("all.sh did not come to its counts");
  return line;
}
