/** What the report says of single changes. */
import { ratio, shown, spread } from "../support/figures";
import { growth } from "../support/growth";
import { doubts, machine } from "../support/machine";
import type { Section } from "../support/report";
import { onAppliance, PHASES, phasesOf, type Phases } from "./costs";
import { ADDED, BY_HAND, type Change, type Size } from "./bench";

const RATIO = 1.3;
const APPLIANCE_S = 0.5;

interface Seen {
  readonly sizes: readonly Size[];
  readonly rounds: number;
  readonly before: number;
}

export function section({ sizes, rounds, before }: Seen): Section {
  const last = sizes.at(-1);
  if (last === undefined) throw new Error("nothing was measured");
  const kinds = [...last.changes.keys()];
  return {
    name: "changing",
    title: "Changing: one thing of a site that stands",
    text: `Updates with \`pulumi up\` on sites of ${sizes.map(({ apps }) => apps).join(", ")} apps in the lab, in ${rounds} rounds, each while a client asks 50 times a second for a page of another app through the proxy. By hand, a shell on the node makes and sets up the same container and gives the appliance its files, which it has finished. After each change all apps are asked.`,
    when: new Date().toISOString().slice(0, 10),
    machine: machine(),
    doubts: doubts(before, wall(last, BY_HAND)),
    targets: targets(sizes, last),
    tables: [times(sizes, kinds), work(sizes, kinds), phases(sizes)],
    charts: [
      {
        title: "Seconds",
        sizes: sizes.map(({ apps }) => apps),
        sizesAre: "apps before",
        valuesAre: "seconds",
        lines: [ADDED, BY_HAND].map((name) => ({
          name,
          values: sizes.map((size) => spread(wall(size, name)).median),
        })),
      },
    ],
    notes: [...losses(sizes), ...notes(last)],
  };
}

function of({ changes }: Size, name: string): readonly Change[] {
  const found = changes.get(name);
  if (found === undefined) throw new Error(`${name} was not measured`);
  return found;
}

const wall = (size: Size, name: string): readonly number[] =>
  of(size, name).map((change) => change.wall);

function targets(sizes: readonly Size[], last: Size): Section["targets"] {
  const toHand = ratio(wall(last, ADDED), wall(last, BY_HAND));
  const appliance = spread(of(last, ADDED).map(onAppliance));
  const all = sizes.flatMap(({ changes }) => [...changes.values()].flat());
  const [asked, lost] = [total(all, "asked"), total(all, "lost")];
  const points = (value: (change: Change) => number) =>
    sizes.map((size): [number, number] => [size.apps, spread(of(size, ADDED).map(value)).median]);
  return [
    {
      what: `one app added to ${last.apps}, to creating and setting it up by hand`,
      target: String(RATIO),
      measured: shown(toHand, 2),
      met: toHand.median <= RATIO,
    },
    {
      what: `work on the appliance for one app added to ${last.apps}`,
      target: `${APPLIANCE_S} s`,
      measured: `${shown(appliance, 2)} s`,
      met: appliance.median <= APPLIANCE_S,
    },
    {
      what: `requests lost of ${asked} during all changes`,
      target: "0",
      measured: String(lost),
      met: lost === 0,
    },
    ...(sizes.length < 3
      ? []
      : [
          growth(
            "one app added",
            points((change) => change.wall),
            "s",
          ),
          growth("bytes sent for one app added", points(sent), "KiB"),
        ]),
  ];
}

const total = (changes: readonly Change[], key: "asked" | "lost"): number =>
  changes.reduce((sum, change) => sum + change[key], 0);

/** In KiB. */
const sent = ({ calls }: Change): number => calls.reduce((sum, { bytes }) => sum + bytes, 0) / 1024;

const times = (sizes: readonly Size[], kinds: readonly string[]): Section["tables"][number] => ({
  title: "Seconds of each change, by the number of apps before",
  columns: ["", ...sizes.map(({ apps }) => `${apps} apps`)],
  rows: kinds.map((kind) => [kind, ...sizes.map((size) => shown(spread(wall(size, kind)), 1))]),
});

const work = (sizes: readonly Size[], kinds: readonly string[]): Section["tables"][number] => ({
  title:
    "What each change does, in its largest round: commands by SSH, KiB sent to them, requests to the API, reloads of Caddy and dnsmasq, restarted daemons, requests lost of those sent",
  columns: ["", "commands", "KiB", "API", "reloads", "restarts", "lost"],
  rows: kinds.flatMap((kind) =>
    sizes.map((size) => {
      const changes = of(size, kind);
      const most = (value: (change: Change) => number) => Math.max(...changes.map(value));
      return [
        `${kind}, ${size.apps} apps`,
        String(most(({ calls }) => calls.length)),
        most(sent).toFixed(0),
        String(most(({ requests }) => requests.length)),
        String(most(({ reloads }) => reloads)),
        String(most(({ restarts }) => restarts)),
        `${total(changes, "lost")} of ${total(changes, "asked")}`,
      ];
    }),
  ),
});

const phase = (size: Size, key: keyof Phases): readonly number[] =>
  of(size, ADDED).map((change) => phasesOf(change)[key]);

const phases = (sizes: readonly Size[]): Section["tables"][number] => ({
  title: "Seconds of one app added, by what was done, one after the other",
  columns: ["", ...sizes.map(({ apps }) => `${apps} apps`)],
  rows: PHASES.map(({ key, what }) => [
    what,
    ...sizes.map((size) => shown(spread(phase(size, key)), 2)),
  ]),
});

/** What clients saw when a request was lost. */
const losses = (sizes: readonly Size[]): readonly string[] =>
  sizes.flatMap(({ apps, changes }) =>
    [...changes].flatMap(([name, rounds]) =>
      rounds.flatMap(({ reasons }) =>
        reasons.map((reason) => `Lost at ${apps} apps during "${name}": ${reason}.`),
      ),
    ),
  );

/** The three largest costs. */
function notes(last: Size): string[] {
  const whole = spread(wall(last, ADDED)).median;
  return PHASES.map(({ key, what, remedy }) => ({
    what,
    remedy,
    seconds: spread(phase(last, key)).median,
  }))
    .sort((one, other) => other.seconds - one.seconds)
    .slice(0, 3)
    .map(
      ({ what, remedy, seconds }) =>
        `Of ${whole.toFixed(1)} s for one app more at ${last.apps}, ${seconds.toFixed(1)} s are ${what}. ${remedy}`,
    );
}
