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
 * taken wider by the margin. Nothing is said where there was no run before, or where it ran on another
 * machine or with other versions.
 */
export function agreement(now: Section, before: Section | undefined): string[] {
  if (before === undefined || before.machine.join() !== now.machine.join()) return [];
  const earlier = new Map(figuresOf(before).map((figure) => [figure.name, figure]));
  const pairs = figuresOf(now).flatMap((figure) => {
    const other = earlier.get(figure.name);
    return other === undefined ? [] : [[figure, other] as const];
  });
  if (pairs.length === 0) return [];
  const apart = pairs.filter(([one, other]) => one.min > other.max || other.min > one.max);
  const first = `Of ${pairs.length} figures, ${pairs.length - apart.length} meet the range of the run before, of ${before.when}; ranges are of a run's rounds, and taken ${100 * MARGIN} % wider here.`;
  const named = apart
    .slice(0, NAMED)
    .map(([one, other]) => `${one.name}: ${one.text}, before ${other.text}`);
  const more = apart.length > NAMED ? [`and ${apart.length - NAMED} more`] : [];
  return [first, ...named, ...more];
}

function figuresOf({ tables }: Section): readonly Figure[] {
  return tables.flatMap(({ title, columns, rows }) =>
    rows.flatMap(([row = "", ...cells]) =>
      cells.flatMap((text, index) => {
        const [, , min, max] = FIGURE.exec(text) ?? [];
        if (min === undefined || max === undefined) return [];
        const name = [title, row, columns[index + 1] ?? ""].join(", ");
        const [low, high] = [Number(min) * (1 - MARGIN), Number(max) * (1 + MARGIN)];
        return [{ name, text, min: low, max: high }];
      }),
    ),
  );
}
