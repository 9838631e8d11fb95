/**
 * What a run of Pulumi takes that has nothing to do, by the number of apps, compared with an empty program: the
 * part of every preview and update that is this program's own.
 */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ratio, shown, slope, spread } from "./support/figures";
import { growth } from "./support/growth";
import { measure, type Command, type Times } from "./support/hyperfine";
import { doubts, load, machine } from "./support/machine";
import { memorySite, WATCHED, type MemorySite } from "./support/memory-site";
import { processorTimes } from "./support/processes";
import type { Section } from "./support/report";

const SIZES = [1, 10, 50, 151];

/** Milliseconds that a resource may add to a preview; Pulumi's own gate is 25 (docs/proxmox/pulumi.md 3). */
const PER_RESOURCE_MS = 12;
const LOOK_RATIO = 1.5;

/** Runs with nothing to do; each fails when it finds something. */
const KINDS = [
  { kind: "preview", words: ["preview", "--expect-no-changes"] },
  { kind: "preview --refresh", words: ["preview", "--refresh", "--expect-no-changes"] },
  {
    kind: "preview --refresh, with the look",
    words: ["preview", "--refresh", "--expect-no-changes", "--config-file", WATCHED],
  },
  { kind: "up", words: ["up", "--yes", "--skip-preview", "--expect-no-changes"] },
] as const;

const nameOf = (kind: string, apps: number): string => `${kind}, ${apps} apps`;
const EMPTY = "empty program";

/** Measures; `sizes` are numbers of apps. */
export async function planning(
  rounds: number,
  progress: (line: string) => void,
  sizes: readonly number[] = SIZES,
): Promise<Section> {
  const before = load();
  const sites = new Map<number, MemorySite>();
  const empty = mkdtempSync(join(tmpdir(), "bench-empty-"));
  try {
    for (const apps of sizes) {
      progress(`bringing up ${apps} apps`);
      sites.set(apps, await memorySite(apps));
    }
    const [first] = sites.values();
    if (first === undefined) throw new Error("no size was given");
    await makeEmpty(empty, first);
    const commands = [emptyRun(first, empty), ...[...sites].flatMap(runsOf)];
    const times = await measure(commands, rounds, { env: first.copy.env, progress });
    progress("looking whose the time is");
    const costs = await costsOf(first, [...sites.values()].at(-1) ?? first, empty);
    return section({ sites, times, before, rounds, costs });
  } finally {
    for (const site of sites.values()) await site.remove();
    rmSync(empty, { recursive: true });
  }
}

async function makeEmpty(folder: string, { copy }: MemorySite): Promise<void> {
  const runtime = "runtime:\n  name: nodejs\n  options:\n    typescript: false\n";
  writeFileSync(join(folder, "Pulumi.yaml"), `name: empty\n${runtime}main: index.js\n`);
  writeFileSync(join(folder, "index.js"), "");
  symlinkSync(join(copy.folder, "node_modules"), join(folder, "node_modules"));
  await copy.must("toolchain/pulumi", ["stack", "init", "dev", "-C", folder]);
}

const emptyRun = ({ copy }: MemorySite, folder: string): Command => ({
  name: EMPTY,
  folder: copy.folder,
  words: ["toolchain/pulumi", "preview", "--stack", "dev", "-C", folder],
});

const runsOf = ([apps, { copy }]: [number, MemorySite]): readonly Command[] =>
  KINDS.map(({ kind, words }) => ({
    name: nameOf(kind, apps),
    folder: copy.folder,
    words: ["toolchain/pulumi", ...words, "--stack", "dev"],
  }));

/** What would make a program of a run do less, in the order of what is to be had. */
const REMEDY: Readonly<Record<string, string>> = {
  node: "fewer resources for each app, or an SDK that sends less for each",
  pulumi: "an engine that looks at unchanged resources side by side, and starts quicker",
  "pulumi-resource-proxmoxve": "a provider whose check and difference of a container are cheaper",
  "pulumi-language-nodejs": "a language host that does not ask Node where the SDK is at each run",
  "pulumi-resource-command": "one command for each app is the least there is",
};

/** The programs of a preview that take the most processor time, over those of an empty program's. */
async function costsOf(
  first: MemorySite,
  largest: MemorySite,
  empty: string,
): Promise<readonly string[]> {
  const { env, folder } = largest.copy;
  const words = ["toolchain/pulumi", "preview", "--stack", "dev"];
  const of = await processorTimes({ name: "", folder, words }, env);
  const base = new Map(await processorTimes(emptyRun(first, empty), first.copy.env));
  return of.slice(0, 3).map(([program, milliseconds]) => {
    const over = milliseconds - (base.get(program) ?? 0);
    return `\`${program}\` takes ${milliseconds} ms of processor time in a preview of ${largest.resources} resources, ${over} of them more than for an empty program. What would help: ${REMEDY[program] ?? "not looked into"}.`;
  });
}

interface Measured {
  readonly costs: readonly string[];
  readonly sites: ReadonlyMap<number, MemorySite>;
  readonly times: ReadonlyMap<string, Times>;
  readonly before: number;
  readonly rounds: number;
}

function section({ sites, times, before, rounds, costs }: Measured): Section {
  const sizes = [...sites.keys()];
  const of = (name: string): Times => {
    const found = times.get(name);
    if (found === undefined) throw new Error(`${name} was not measured`);
    return found;
  };
  const curves = KINDS.map(({ kind }) => ({
    name: kind,
    values: sizes.map((apps) => spread(of(nameOf(kind, apps)).wall).median / 1000),
  }));
  return {
    name: "planning",
    title: "Planning: runs with nothing to do",
    text: `Whole commands in ${rounds} rounds; the node's API is the lab's memory, and its SSH answers at once, so this is the work of this machine alone.`,
    when: new Date().toISOString().slice(0, 10),
    machine: machine(),
    doubts: doubts(before, of(EMPTY).wall),
    targets: targets(sites, of),
    pace: spread(of(EMPTY).wall).median,
    tables: [
      {
        title: "Time by the number of apps, in milliseconds",
        columns: ["", ...sizes.map((apps) => `${apps} apps`), "one app more"],
        rows: [
          [`an ${EMPTY}`, shown(spread(of(EMPTY).wall), 0), ...sizes.slice(1).map(() => ""), ""],
          ...KINDS.map(({ kind }) => [
            `\`${kind}\``,
            ...sizes.map((apps) => shown(spread(of(nameOf(kind, apps)).wall), 0)),
            slope(sizes.map((apps) => [apps, spread(of(nameOf(kind, apps)).wall).median])).toFixed(
              1,
            ),
          ]),
        ],
      },
      {
        title: "Processor time by the number of apps, in milliseconds",
        columns: ["", ...sizes.map((apps) => `${apps} apps`)],
        rows: KINDS.map(({ kind }) => [
          `\`${kind}\``,
          ...sizes.map((apps) => shown(spread(of(nameOf(kind, apps)).processor), 0)),
        ]),
      },
    ],
    charts: [{ title: "Seconds", sizes, sizesAre: "apps", valuesAre: "seconds", lines: curves }],
    notes: [...costs],
  };
}

function targets(
  sites: ReadonlyMap<number, MemorySite>,
  of: (name: string) => Times,
): Section["targets"] {
  const sizes = [...sites.keys()];
  const watched = KINDS[2].kind;
  const base = spread(of(EMPTY).wall).median;
  const costs = [...sites].map(([apps, { resources }]) => {
    const preview = of(nameOf(KINDS[0].kind, apps)).wall;
    return { apps, resources, each: (spread(preview).median - base) / resources };
  });
  return [
    ...costs
      .filter(({ apps }) => apps >= 50)
      .map(({ apps, resources, each }) => ({
        what: `no-op preview, ${apps} apps (${resources} resources): over an empty program, for each resource`,
        target: `${PER_RESOURCE_MS} ms`,
        measured: `${each.toFixed(1)} ms`,
        met: each <= PER_RESOURCE_MS,
      })),
    ...sizes
      .filter((apps) => apps === 50)
      .map((apps) => {
        const seen = ratio(of(nameOf(watched, apps)).wall, of(nameOf(KINDS[1].kind, apps)).wall);
        return {
          what: `preview --refresh with the look at changes by hand, to one without, ${apps} apps`,
          target: String(LOOK_RATIO),
          measured: shown(seen, 2),
          met: seen.median <= LOOK_RATIO,
        };
      }),
    ...(sizes.length < 3
      ? []
      : KINDS.map(({ kind }) =>
          growth(
            `\`${kind}\``,
            sizes.map((apps) => [apps, spread(of(nameOf(kind, apps)).wall).median]),
            "ms",
          ),
        )),
  ];
}
