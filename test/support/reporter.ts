import { writeFileSync } from "node:fs";

import { reporters, Runner, type MochaOptions, type Test } from "mocha";

/**
 * Mocha's spec reporter, which also leaves in the folder that RESULTS names, by the name in SUITE: the
 * counts, `SUITE.count` with `PASSED FAILED SKIPPED`, and where something failed, `SUITE.failed` with each
 * test and the first lines of its message.
 */
class CountingReporter extends reporters.Spec {
  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    const failed: string[] = [];
    runner.on(Runner.constants.EVENT_TEST_FAIL, (test: Test, error: unknown) => {
      failed.push(told(test, error));
    });
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { RESULTS: folder, SUITE: suite } = process.env;
      if (folder === undefined || suite === undefined) return;
      const { passes, failures, pending } = this.stats;
      writeFileSync(`${folder}/${suite}.count`, `${passes} ${failures} ${pending}\n`);
      if (failed.length > 0) writeFileSync(`${folder}/${suite}.failed`, failed.join(""));
    });
  }
}

/** A failure in a few lines: a log that is cut to its end still says what failed. */
function told(test: Test, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = message.split("\n").filter((line) => line.trim() !== "");
  return [
    test.titlePath().join(" > "),
    ...lines.slice(0, 6).map((line) => `    ${line.slice(0, 200)}`),
    "",
  ].join("\n");
}

export = CountingReporter;
