import { writeFileSync } from "node:fs";

import { reporters, Runner, type MochaOptions } from "mocha";

/** Mocha's spec reporter, which also leaves `PASSED FAILED SKIPPED` in the file that COUNTS names. */
class CountingReporter extends reporters.Spec {
  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const file = process.env["COUNTS"];
      const { passes, failures, pending } = this.stats;
      if (file !== undefined) writeFileSync(file, `${passes} ${failures} ${pending}\n`);
    });
  }
}

export = CountingReporter;
