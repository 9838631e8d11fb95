/** The environment of a command that a test runs as a person would from a shell of their own. */

/**
 * This process's, without what leads to a person's own stacks (PULUMI_*), and without what a make hands to
 * the makes below it: its own words, with which those speak of folders in between, and the variables of its
 * command line (GNU make's manual, 5.7.2), such as the FLAGS of a benchmark.
 */
export function ownEnv(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const foreign = /^(PULUMI_|MAKE|MFLAGS)/;
  const handed = new Set(
    [...(env["MAKEFLAGS"] ?? "").matchAll(/(?<=^|[^\\]\s)\w+(?==)/g)].map(([name]) => name),
  );
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !foreign.test(name) && !handed.has(name)),
  );
}
