/** One thing wrong with a declaration: where it is, and what to do about it. */
export interface Problem {
  /** Where in the site, `apps.wiki.address`. */
  readonly path: string;
  /** The fact, then the remedy, in full sentences. */
  readonly message: string;
}

/** All problems as one text, so that nobody has to fix them one run at a time. */
export function describeProblems(what: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.map(({ path, message }) => `  - ${path}: ${message}`);
  return [`${what}: ${count}. Nothing was changed.`, ...lines].join("\n");
}
