/**
 * What a newcomer waits for: `make up` with nothing cached, in a second checkout that finds the caches, and
 * once more with nothing to do; step by step, since that is where the time goes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Checkout } from "../e2e/support/checkout";
import { shown, spread } from "./support/figures";
import { measure } from "./support/hyperfine";
import { doubts, load, machine } from "./support/machine";
import type { Section } from "./support/report";

/** Seconds that `make up` may take with nothing to do. */
const AGAIN_LIMIT = 30;

/** The steps of `make up`, one after the other; those before the last are done when it comes to them. */
const STEPS = [
  { name: "npm packages", words: ["make", "node_modules/.package-lock.json"] },
  { name: "Pulumi and its plugins", words: ["make", "tools"] },
  { name: "the lab", words: ["lab/lab", "up"] },
  { name: "the site", words: ["make", "up"] },
] as const;
const AGAIN = { name: "again, with nothing to do", words: ["make", "up"] } as const;

/** Milliseconds by step. */
type Run = readonly number[];

/** Measures; what is cached nowhere is fetched and built once, the rest once a round. */
export async function firstRun(rounds: number, progress: (line: string) => void): Promise<Section> {
  const before = load();
  const caches = mkdtempSync(join(tmpdir(), "bench-caches-"));
  try {
    const cold = await run(caches, (step) => {
      progress(`with nothing cached, which takes 10 minutes and more: ${step}`);
    });
    const warm: Run[] = [];
    for (let round = 1; round <= rounds; round++) {
      warm.push(
        await run(caches, (step) => {
          progress(`round ${round} of ${rounds}: ${step}`);
        }),
      );
    }
    return section(cold, warm, before);
  } finally {
    // Go keeps its modules from being written to.
    rmSync(caches, { recursive: true, force: true });
  }
}

/** A checkout's way to a site that is up, with its caches in a folder. */
async function run(caches: string, progress: (step: string) => void): Promise<Run> {
  const checkout = new Checkout({ name: "bench-first", portBase: 23_600 });
  // Of the checkout itself: what ends its lab has to know of these caches too, or their daemon stays.
  const env = Object.assign(checkout.env, cachesIn(caches));
  rmSync(join(checkout.folder, "node_modules"), { recursive: true });
  try {
    const took: number[] = [];
    for (const { name, words } of [...STEPS, AGAIN]) {
      progress(name);
      const times = await measure([{ name, folder: checkout.folder, words }], 1, { env });
      took.push(times.get(name)?.wall[0] ?? NaN);
    }
    return took;
  } finally {
    checkout.must("lab/lab", ["down"]);
    checkout.remove();
  }
}

const cachesIn = (folder: string): NodeJS.ProcessEnv => ({
  XDG_CACHE_HOME: join(folder, "cache"),
  GOCACHE: join(folder, "go-build"),
  GOMODCACHE: join(folder, "go-mod"),
  GOFLAGS: "-modcacherw",
  npm_config_cache: join(folder, "npm"),
});

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function section(cold: Run, warm: readonly Run[], before: number): Section {
  const ofStep = (index: number) => warm.map((took) => took[index] ?? NaN);
  const ofWhole = warm.map((took) => sum(took.slice(0, STEPS.length)));
  const inSeconds = (times: readonly number[]): string =>
    shown(spread(times.map((ms) => ms / 1000)), 1);
  const again = spread(ofStep(STEPS.length));
  const largest = STEPS.map(({ name }, index) => ({
    name,
    cold: cold[index] ?? NaN,
    warm: spread(ofStep(index)).median,
  })).sort((a, b) => b.cold - a.cold);
  return {
    name: "first-run",
    title: "The first `make up`",
    text: `From a fresh checkout to a site in the lab. What is cached nowhere was fetched and built once; with the caches of that, it ran ${warm.length} times more. Debian packages of the checks were installed before.`,
    when: new Date().toISOString().slice(0, 10),
    machine: machine(),
    doubts: doubts(before, ofStep(STEPS.length)),
    targets: [
      {
        what: "`make up` with nothing to do",
        target: `${AGAIN_LIMIT} s`,
        measured: `${inSeconds(ofStep(STEPS.length))} s`,
        met: again.max <= AGAIN_LIMIT * 1000,
      },
    ],
    tables: [
      {
        title: "Seconds by step",
        columns: ["", "nothing cached", "with the caches"],
        rows: [
          ...STEPS.map(({ name }, index) => [
            name,
            seconds(cold[index] ?? NaN),
            inSeconds(ofStep(index)),
          ]),
          ["all of `make up`", seconds(sum(cold.slice(0, STEPS.length))), inSeconds(ofWhole)],
          [AGAIN.name, seconds(cold[STEPS.length] ?? NaN), inSeconds(ofStep(STEPS.length))],
        ],
      },
    ],
    charts: [],
    notes: largest
      .slice(0, 3)
      .map(
        ({ name, cold: first, warm: later }) =>
          `${name}: ${seconds(first)} s with nothing cached, ${seconds(later)} s with the caches. ${REMEDY[name]}`,
      ),
  };
}

/** What would make a step shorter. */
const REMEDY: Readonly<Record<(typeof STEPS)[number]["name"], string>> = {
  "npm packages": "Fewer packages would; the SDK brings most of them.",
  "Pulumi and its plugins":
    "Where the publishers' archives can be reached they are downloaded instead.",
  "the lab":
    "A template that is downloaded instead of made would, but then it would not be the distribution's own.",
  "the site": "See the benchmark of a site from nothing.",
};
