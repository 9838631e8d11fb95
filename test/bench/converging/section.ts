/** What the rounds found, for the report. */
import { ratio, spread, type Spread } from "../support/figures";
import type { Section } from "../support/report";
import { largest, type Cost } from "./costs";
import { ANSIBLE, OWN, SHELL, TERRAFORM, type Ways } from "./ways";

/** How many times the other's time a fresh `up` may take. */
const LIMITS: readonly (readonly [name: string, limit: number])[] = [
  [SHELL.name, 1.15],
  [TERRAFORM, 0.67],
  [ANSIBLE, 0.5],
];

/** Milliseconds of each way, and the parts of our own time, round by round. */
export interface Found extends Pick<Ways, "ways"> {
  readonly times: ReadonlyMap<string, readonly number[]>;
  readonly costs: readonly (readonly Cost[])[];
}

type Part = Pick<Section, "targets" | "tables" | "notes">;

export function partsOf(found: Found): Part {
  const { ways } = found;
  const of = (name: string) => found.times.get(name) ?? [];
  return {
    targets: LIMITS.map(([name, limit]) => {
      const what = `a fresh \`up\`, to ${name}`;
      const seen = ways.some((way) => way.name === name)
        ? ratio(of(OWN.name), of(name))
        : undefined;
      return {
        what,
        target: String(limit),
        measured: seen === undefined ? "left out" : words(seen, 2),
        met: seen !== undefined && seen.median <= limit,
      };
    }),
    tables: [
      {
        title: "Seconds from nothing to a site that answers",
        columns: ["", "middle (range)", `times of ${SHELL.name}`],
        rows: ways.map(({ name }) => [
          name,
          words(spread(of(name).map((ms) => ms / 1000)), 1),
          ratio(of(name), of(SHELL.name)).median.toFixed(2),
        ]),
      },
    ],
    notes: [...largest(found.costs), ...outOfReach(found)],
  };
}

/** A target that even the script, which does nothing but the work, would miss. */
function outOfReach({ ways, times }: Found): readonly string[] {
  const of = (name: string) => times.get(name) ?? [];
  return LIMITS.filter(([name]) => name !== SHELL.name && ways.some((way) => way.name === name))
    .map(([name, limit]) => ({ name, limit, least: ratio(of(SHELL.name), of(name)).median }))
    .filter(({ limit, least }) => least > limit)
    .map(
      ({ name, limit, least }) =>
        `${name} is out of reach at ${limit} here: ${SHELL.name}, which does the work and nothing else, takes ${least.toFixed(2)} of its time. All of them wait for the same packages and the same starts.`,
    );
}

const words = ({ min, median, max }: Spread, digits: number): string =>
  `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;
