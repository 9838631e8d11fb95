import assert from "node:assert/strict";

import { ratio, slope, spread } from "./support/figures";

describe("figures of a benchmark", () => {
  it("have a middle, which between two is half way", () => {
    assert.deepEqual(spread([3, 1, 2]), { min: 1, median: 2, max: 3 });
    assert.deepEqual(spread([4, 1, 2, 3]), { min: 1, median: 2.5, max: 4 });
    assert.throws(() => spread([]), /nothing was measured/);
  });

  it("are compared within their rounds, so that a slow round counts for both", () => {
    assert.deepEqual(ratio([2, 20, 4], [1, 10, 1]), { min: 2, median: 2, max: 4 });
  });

  it("have the slope of the line through them", () => {
    const line = [1, 10, 50].map((size): [number, number] => [size, 7 + 3 * size]);
    assert.ok(Math.abs(slope(line) - 3) < 1e-9);
  });
});
