/** Whether a run of a benchmark says the same as the one before it. */
import type { Section } from "./report";

/** A figure with its spread, as `shown` in every table: middle (smallest to largest). */
const FIGURE = /^([\d.]+) \(([\d.]+) to ([\d.]+)\)$/;

/** By how much of itself each end of a range is moved outwards, for what differs from one run to the next. */
const MARGIN = 0.05;

/** Figures that are named one by one where they differ. */
const NAMED = 5;

interface Figure {
  /** Table, row and column. */
  readonly name: string;
  readonly text: string;
  /** With the margin. */
  readonly min: number;
  readonly max: number;
}

/**
 * Holds each figure of `now` against the same one of `before`: they agree where their ranges meet, each
 * taken wider by the margin. Where both runs know the machine's pace, the times of the one before are taken
 * at the pace of now, since a machine that others use too is quicker at one hour than at another. Nothing is
 * said where there was no run before, or where it ran on another machine or with other versions.
 */
export function agreement(now: Section, before: Section | undefined): string[] {
  if (before === undefined || before.machine.join() !== now.machine.join()) return [];
  const pace = now.pace && before.pace ? now.pace / before.pace : undefined;
  const earlier = new Map(figuresOf(before, pace).map((figure) => [figure.name, figure]));
  const pairs = figuresOf(now).flatMap((figure) => {
    const other = earlier.get(figure.name);
    return other === undefined ? [] : [[figure, other] as const];
  });
  if (pairs.length === 0) return [];
  const apart = pairs.filter(([one, other]) => one.min > other.max || other.min > one.max);
  const first = `Of ${pairs.length} figures, ${pairs.length - apart.length} meet the range of the run before, of ${before.when}; ranges are of a run's rounds, and taken ${100 * MARGIN} % wider here.`;
  const scaled =
    pace === undefined
      ? []
      : [
          `The machine took ${pace.toFixed(2)} times as long as then for what did not change, and the times before are held so many times as long.`,
        ];
  const named = apart
    .slice(0, NAMED)
    .map(([one, other]) => `${one.name}: ${one.text}, before ${other.text}`);
  const more = apart.length > NAMED ? [`and ${apart.length - NAMED} more`] : [];
  return [first, ...scaled, ...named, ...more];
}

function figuresOf({ tables }: Section, pace = 1): readonly Figure[] {
  return tables.flatMap(({ title, columns, rows }) =>
    rows.flatMap(([row = "", ...cells]) =>
      cells.flatMap((text, index) => {
        const [, , min, max] = FIGURE.exec(text) ?? [];
        if (min === undefined || max === undefined) return [];
        const name = [title, row, columns[index + 1] ?? ""].join(", ");
        const [low, high] = [pace * Number(min), pace * Number(max)];
        return [{ name, text, min: low * (1 - MARGIN), max: high * (1 + MARGIN) }];
      }),
    ),
  );
}
