/** Figures of several rounds: the middle, the spread, and ratios within a round. */

/** The smallest, the middle and the largest of what was seen. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Throws when there is nothing to look at. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) throw new Error("nothing was measured");
  const half = sorted.length / 2;
  const [low = min, high = max] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return { min, median: (low + high) / 2, max };
}

/** As every table has it, and agreement.ts reads it: middle (smallest to largest). */
export function shown({ min, median, max }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;
}

/** Of each round, how often the other's time it took. */
export function ratio(one: readonly number[], other: readonly number[]): Spread {
  return spread(one.map((value, round) => value / (other[round] ?? NaN)));
}

/** What one more costs, by least squares over points of a size and a time. */
export function slope(points: readonly (readonly [size: number, value: number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [x, y] = [mean(points.map(([size]) => size)), mean(points.map(([, value]) => value))];
  const above = points.reduce((sum, [size, value]) => sum + (size - x) * (value - y), 0);
  return above / points.reduce((sum, [size]) => sum + (size - x) ** 2, 0);
}
