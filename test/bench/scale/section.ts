/** What the report says of sites of many apps. */
import { cpus } from "node:os";

import { growth } from "../support/growth";
import { machine, QUIET_LOAD } from "../support/machine";
import type { Section } from "../support/report";
import { costs, phasesOf, sharesOf, type Phases } from "./costs";
import type { Built, Seen, Size } from "./bench";

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
    text: `An appliance without its console and up to ${last.apps} apps in containers of their own, from nothing, in one round. An app is a small server in Perl, which the template has, so that what is measured is neither a download nor an unpacking. The shell loop makes the same containers with the same MACs, and is given all files finished; it makes ${seen.best} apps side by side, which was the quickest of what was tried in this run.`,
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
          { name: "this program", values: sizes.map(({ own }) => own.wall) },
          { name: "a shell loop", values: sizes.map(({ loop }) => loop.wall) },
        ],
      },
    ],
    notes: [...failed(sizes), ...costs(last)],
  };
}

function doubts({ before, sizes }: Seen): string[] {
  const strangers = Math.max(
    ...sizes.flatMap(({ own, loop }) =>
      [sharesOf(own, own.processor), sharesOf(loop, 0)].map(
        ({ other }, index) => other / (index === 0 ? own : loop).work.all,
      ),
    ),
  );
  return [
    ...(before > QUIET_LOAD ? [`the machine had a load of ${before.toFixed(1)} before.`] : []),
    ...(strangers > STRANGERS
      ? [`other programs did up to ${Math.round(strangers * 100)} % of the processors' work.`]
      : []),
  ];
}

const lost = ({ failures, silent }: Built): number => failures.length + silent.length;

/** In words, the first few. */
const failed = (sizes: readonly Size[]): readonly string[] =>
  sizes.flatMap(({ apps, own, loop }) =>
    [
      { who: "this program", words: [...own.failures, ...own.silent] },
      { who: "the shell loop", words: [...loop.failures, ...loop.silent] },
    ].flatMap(({ who, words }) =>
      words.slice(0, 5).map((word) => `Failed at ${apps} apps by ${who}: ${word}`),
    ),
  );

function targets(sizes: readonly Size[], last: Size): Section["targets"] {
  const ratio = last.own.wall / last.loop.wall;
  const failed = sizes.reduce((sum, { own }) => sum + lost(own), 0);
  const { used } = last.own.appliance;
  return [
    {
      what: `a fresh \`up\` of ${last.apps} apps, to the shell loop with the best parallelism`,
      target: String(RATIO),
      measured: ratio.toFixed(2),
      met: ratio <= RATIO,
    },
    {
      what: `tasks of the node that failed, by locks or else, and apps that do not answer, of ${sizes.map(({ apps }) => apps).join(", ")} apps`,
      target: "0",
      measured: String(failed),
      met: failed === 0,
    },
    {
      what: `memory of the appliance at ${last.apps} apps, without its console and without the cache of files`,
      target: `${APPLIANCE_MIB} MiB`,
      measured: `${used.toFixed(0)} MiB`,
      met: used <= APPLIANCE_MIB,
    },
  ];
}

function growths(sizes: readonly Size[]): Section["targets"] {
  if (sizes.length < 3) return [];
  const points = (of: (size: Size) => number) =>
    sizes.map((size): [number, number] => [size.apps, of(size)]);
  return [
    growth(
      "a fresh `up`",
      points(({ own }) => own.wall),
      "s",
    ),
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
  rows: sizes.map(({ apps, own, loop }) => [
    `${apps} apps`,
    own.wall.toFixed(1),
    loop.wall.toFixed(1),
    (own.wall / loop.wall).toFixed(2),
    `${lost(own)}, ${lost(loop)}`,
  ]),
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
  rows: sizes.flatMap(({ apps, own, loop }) =>
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
  rows: sizes.map(({ apps, own }) => {
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
    columns: ["", "`pulumi`", "most of it", "state", "appliance", "most of it", "cache beside it"],
    rows: sizes.map(({ apps, own: { peak, appliance, state } }) => [
      `${apps} apps`,
      peak.total.toFixed(0),
      largest(peak.programs),
      (state / 2 ** 20).toFixed(1),
      appliance.used.toFixed(0),
      largest(appliance.programs),
      appliance.cache.toFixed(0),
    ]),
  };
}
