/** What the report says of sites of many apps. */
import { cpus } from "node:os";

import { ratio, shown, spread } from "../support/figures";
import { growth } from "../support/growth";
import { machine, QUIET_LOAD } from "../support/machine";
import type { Section } from "../support/report";
import { costs, phasesOf, sharesOf, type Phases } from "./costs";
import type { Built, Round, Seen, Size } from "./bench";

const RATIO = 1.2;
const APPLIANCE_MIB = 120;
/** Share of the processors' work that may be of nobody who is measured. */
const STRANGERS = 0.2;

export function section(seen: Seen): Section {
  const { sizes } = seen;
  const last = sizes.at(-1);
  if (last === undefined) throw new Error("nothing was measured");
  return {
    name: "scale",
    title: "Scale: as many apps as there are addresses",
    text: `An appliance without its console and up to ${last.apps} apps in containers of their own, from nothing, in ${last.rounds.length} rounds. An app is a small server in Perl, which the template has, so that what is measured is neither a download nor an unpacking. The shell loop makes the same containers with the same MACs, and is given all files finished; it makes ${seen.best} apps side by side, which was the quickest of what was tried in this run.`,
    when: new Date().toISOString().slice(0, 10),
    machine: machine(),
    doubts: doubts(seen),
    targets: [...targets(sizes, last), ...growths(sizes)],
    tables: [times(sizes), tries(seen), processors(sizes), phases(sizes), memory(sizes)],
    charts: [
      {
        title: "Seconds from nothing",
        sizes: sizes.map(({ apps }) => apps),
        sizesAre: "apps",
        valuesAre: "seconds",
        lines: [
          { name: "this program", values: sizes.map((size) => median(size, ofOwn)) },
          { name: "a shell loop", values: sizes.map((size) => median(size, ofLoop)) },
        ],
      },
    ],
    notes: [...failed(sizes), ...loopGrowth(sizes), ...costs(last.apps, last.last)],
  };
}

function doubts({ before, sizes }: Seen): string[] {
  const strangers = Math.max(
    ...all(sizes).flatMap(({ own, loop }) => [
      sharesOf(own, own.processor).other / own.work.all,
      sharesOf(loop, 0).other / loop.work.all,
    ]),
  );
  return [
    ...(before > QUIET_LOAD ? [`the machine had a load of ${before.toFixed(1)} before.`] : []),
    ...(strangers > STRANGERS
      ? [`other programs did up to ${Math.round(strangers * 100)} % of the processors' work.`]
      : []),
  ];
}

const all = (sizes: readonly Size[]): readonly Round[] => sizes.flatMap(({ rounds }) => rounds);
const ofOwn = ({ own }: Round): number => own.wall;
const ofLoop = ({ loop }: Round): number => loop.wall;
const median = ({ rounds }: Size, of: (round: Round) => number): number =>
  spread(rounds.map(of)).median;

const lost = ({ failures, silent }: Built): number => failures.length + silent.length;

/** In words, the first few. */
const failed = (sizes: readonly Size[]): readonly string[] =>
  sizes.flatMap(({ apps, rounds }) =>
    rounds.flatMap(({ own, loop }) =>
      [
        { who: "this program", words: [...own.failures, ...own.silent] },
        { who: "the shell loop", words: [...loop.failures, ...loop.silent] },
      ].flatMap(({ who, words }) =>
        words.slice(0, 5).map((word) => `Failed at ${apps} apps by ${who}: ${word}`),
      ),
    ),
  );

function targets(sizes: readonly Size[], last: Size): Section["targets"] {
  const toLoop = ratio(last.rounds.map(ofOwn), last.rounds.map(ofLoop));
  const failures = all(sizes).reduce((sum, { own }) => sum + lost(own), 0);
  const used = spread(last.rounds.map(({ own }) => own.appliance.used)).max;
  return [
    {
      what: `a fresh \`up\` of ${last.apps} apps, to the shell loop with the best parallelism`,
      target: String(RATIO),
      measured: shown(toLoop, 2),
      met: toLoop.median <= RATIO,
    },
    {
      what: `tasks of the node that failed, by locks or else, and apps that do not answer, of ${sizes.map(({ apps }) => apps).join(", ")} apps`,
      target: "0",
      measured: String(failures),
      met: failures === 0,
    },
    {
      what: `memory of the appliance at ${last.apps} apps, without its console and without the cache of files`,
      target: `${APPLIANCE_MIB} MiB`,
      measured: `${used.toFixed(0)} MiB`,
      met: used <= APPLIANCE_MIB,
    },
  ];
}

/** What the machine itself makes of more containers, which is in both ways. */
function loopGrowth(sizes: readonly Size[]): readonly string[] {
  if (sizes.length < 3) return [];
  const points = sizes.map((size): [number, number] => [size.apps, median(size, ofLoop)]);
  return [`The shell loop grows too: ${growth("the loop", points, "s").measured}.`];
}

function growths(sizes: readonly Size[]): Section["targets"] {
  if (sizes.length < 3) return [];
  const points = (of: (round: Round) => number) =>
    sizes.map((size): [number, number] => [size.apps, median(size, of)]);
  return [
    growth("a fresh `up`", points(ofOwn), "s"),
    growth(
      "the largest memory of `pulumi`",
      points(({ own }) => own.peak.total),
      "MiB",
    ),
    growth(
      "the appliance's memory",
      points(({ own }) => own.appliance.used),
      "MiB",
    ),
  ];
}

const times = (sizes: readonly Size[]): Section["tables"][number] => ({
  title: "Seconds from nothing to a site whose apps answer",
  columns: ["", "this program", "a shell loop", "ratio", "failures of each"],
  rows: sizes.map(({ apps, rounds }) => {
    const [own, loop] = [rounds.map(ofOwn), rounds.map(ofLoop)];
    const failures = (of: (round: Round) => Built) =>
      rounds.reduce((sum, round) => sum + lost(of(round)), 0);
    return [
      `${apps} apps`,
      shown(spread(own), 1),
      shown(spread(loop), 1),
      shown(ratio(own, loop), 2),
      `${failures((round) => round.own)}, ${failures((round) => round.loop)}`,
    ];
  }),
});

const tries = ({ tries: tried, tried: apps }: Seen): Section["tables"][number] => ({
  title: `Seconds of the shell loop for ${apps} apps, by how many it makes side by side`,
  columns: ["", ...[...tried.keys()].map(String)],
  rows: [["seconds", ...[...tried.values()].map((seconds) => seconds.toFixed(1))]],
});

const processors = (sizes: readonly Size[]): Section["tables"][number] => ({
  title: `Seconds of ${cpus().length} processors together, by whose work they did`,
  columns: [
    "",
    "`pulumi` and plugins",
    "the lab's API",
    "the node",
    "guests",
    "others",
    "none (idle)",
  ],
  rows: sizes.flatMap(({ apps, last: { own, loop } }) =>
    [
      { name: "this program", ...sharesOf(own, own.processor) },
      { name: "a shell loop", ...sharesOf(loop, 0) },
    ].map(({ name, pulumi, api, node, guests, other, idle }) => [
      `${apps} apps, ${name}`,
      ...[pulumi, api, node, guests, other, idle].map((seconds) => seconds.toFixed(1)),
    ]),
  ),
});

const SHOWN: readonly (readonly [keyof Phases, string])[] = [
  ["start", "before the appliance is ordered"],
  ["appliance", "appliance"],
  ["apps", "apps"],
  ["end", "after the last app"],
  ["make", "an app: container made and started"],
  ["address", "an app: the provider asks for its address"],
  ["setUp", "an app: set up over SSH"],
];

const phases = (sizes: readonly Size[]): Section["tables"][number] => ({
  title: "Seconds of a fresh `up`, by what it was doing; of an app, in the mean",
  columns: ["", ...SHOWN.map(([, name]) => name)],
  rows: sizes.map(({ apps, last: { own } }) => {
    const of = phasesOf(own);
    return [`${apps} apps`, ...SHOWN.map(([key]) => of[key].toFixed(1))];
  }),
});

function memory(sizes: readonly Size[]): Section["tables"][number] {
  const largest = (entries: Iterable<readonly [string, number]>): string =>
    [...entries]
      .sort(([, one], [, other]) => other - one)
      .slice(0, 4)
      .map(([name, size]) => `${name} ${size.toFixed(0)}`)
      .join(", ");
  return {
    title:
      "MiB: memory of `pulumi` with all that it starts at its largest, its state, and memory of the appliance's container without the cache of files",
    columns: ["", "`pulumi`", "most of it", "state", "appliance", "most of it", "page cache"],
    rows: sizes.map(({ apps, last: { own } }) => {
      const { peak, appliance, state } = own;
      return [
        `${apps} apps`,
        peak.total.toFixed(0),
        largest(peak.programs),
        (state / 2 ** 20).toFixed(1),
        appliance.used.toFixed(0),
        largest(appliance.programs),
        appliance.cache.toFixed(0),
      ];
    }),
  };
}
