import assert from "node:assert/strict";

import { suitesOf, totalOf } from "./support/suites";

describe("the suites of a run of all tests", () => {
  const log = `
== unit
[unit]   ✔ says that == engine took 3 s of it
== unit took 12 s
== e2e/site took 589 s

1982 passed, 0 failed, 1 skipped
`;

  it("have a name and seconds each, the longest first", () => {
    assert.deepEqual(suitesOf(log), [
      { name: "e2e/site", seconds: 589 },
      { name: "unit", seconds: 12 },
    ]);
  });

  it("have a line of counts at their end, or they did not come to it", () => {
    assert.equal(totalOf(log), "1982 passed, 0 failed, 1 skipped");
    assert.throws(() => totalOf("== unit took 12 s\n"), /did not come to its counts/);
  });
});
