/** Whether what is measured grows no faster than the number of apps. */
import { slope } from "./figures";
import type { Section } from "./report";

/** How far above a straight line the last point may lie, for noise. */
const LIMIT = 1.15;

/**
 * Holds the value at the largest size against the straight line through all smaller ones, which is taken
 * for flat where it falls. The slopes before and at the end are reported with it.
 */
export function growth(
  what: string,
  points: readonly (readonly [size: number, value: number])[],
  unit: string,
): Section["targets"][number] {
  const early = points.slice(0, -1);
  const [before, last] = [early.at(-1), points.at(-1)];
  if (before === undefined || last === undefined || early.length < 2)
    throw new Error(`${what}: three sizes are needed to tell how it grows`);
  const [first, then] = [slope(early), slope([before, last])];
  const straight = before[1] + Math.max(0, first) * (last[0] - before[0]);
  const measured = last[1] / straight;
  return {
    what: `growth of ${what}: at ${last[0]} apps, to the straight line through fewer`,
    target: String(LIMIT),
    measured: `${measured.toFixed(2)} (one app more: ${first.toFixed(2)}, then ${then.toFixed(2)} ${unit})`,
    met: measured <= LIMIT,
  };
}
