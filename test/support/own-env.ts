/** The environment of a command that a test runs as a person would from a shell of their own. */

/**
 * This process's, without what leads to a person's own stacks (PULUMI_*), and without what a make hands to
 * the makes below it, which then speak of folders in between.
 */
export function ownEnv(): NodeJS.ProcessEnv {
  const foreign = /^(PULUMI_|MAKE|MFLAGS)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}
