import assert from "node:assert/strict";

import { agreement } from "./support/agreement";
import type { Section } from "./support/report";

function sectionOf(rows: string[][], machine = ["2 cores"]): Section {
  return {
    ...{ name: "some", title: "Some", text: "", when: "2026-01-02", machine },
    ...{ doubts: [], targets: [], charts: [], notes: [] },
    tables: [{ title: "Seconds", columns: ["", "1 apps", "10 apps"], rows }],
  };
}

describe("agreement of two runs", () => {
  const before = sectionOf([
    ["up", "2.0 (1.5 to 2.5)", "3.0 (2.9 to 3.1)"],
    ["preview", "1.0", "4.0 (4.0 to 4.0)"],
  ]);

  const said = (meeting: number): string =>
    `Of 3 figures, ${meeting} meet the range of the run before, of 2026-01-02; ranges are of a run's rounds, and taken 5 % wider here.`;

  it("counts the figures whose ranges meet, also by a little", () => {
    const now = sectionOf([
      ["up", "2.8 (2.7 to 2.9)", "2.6 (2.5 to 2.7)"],
      ["preview", "9.0", "4.0 (3.0 to 5.0)"],
    ]);
    assert.deepEqual(agreement(now, before), [said(3)]);
  });

  it("names those that lie apart, above or below, with both figures", () => {
    const now = sectionOf([
      ["up", "3.0 (2.9 to 3.2)", "2.4 (2.3 to 2.5)"],
      ["preview", "9.0", "4.1 (4.0 to 4.2)"],
    ]);
    assert.deepEqual(agreement(now, before), [
      said(1),
      "Seconds, up, 1 apps: 3.0 (2.9 to 3.2), before 2.0 (1.5 to 2.5)",
      "Seconds, up, 10 apps: 2.4 (2.3 to 2.5), before 3.0 (2.9 to 3.1)",
    ]);
  });

  it("holds the times before at the pace of now, where both runs know it", () => {
    const now = sectionOf([
      ["up", "4.0 (3.0 to 5.0)", "6.1 (6.0 to 6.2)"],
      ["preview", "9.0", "4.0 (4.0 to 4.0)"],
    ]);
    assert.deepEqual(agreement({ ...now, pace: 20 }, { ...before, pace: 10 }), [
      said(2),
      "The machine took 2.00 times as long as then for what did not change, and the times before are held so many times as long.",
      "Seconds, preview, 10 apps: 4.0 (4.0 to 4.0), before 4.0 (4.0 to 4.0)",
    ]);
    assert.equal(agreement({ ...now, pace: 20 }, before)[0], said(1));
  });

  it("says nothing without a run before, of another machine, or without a figure in common", () => {
    assert.deepEqual(agreement(before, undefined), []);
    assert.deepEqual(agreement(before, sectionOf([], ["4 cores"])), []);
    assert.deepEqual(agreement(before, sectionOf([["down", "1 (1 to 1)"]])), []);
  });
});
