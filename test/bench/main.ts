/** `make bench` and `make bench-NAME`: measures, and writes docs/benchmarks.md and .json. */
import { parseArgs } from "node:util";

import { changing } from "./changing/bench";
import { converging } from "./converging/bench";
import { firstRun } from "./first-run";
import { labWork } from "./lab";
import { dataPath } from "./path/bench";
import { planning } from "./planning";
import { scale } from "./scale/bench";
import { load, QUIET_LOAD } from "./support/machine";
import { keep, type Section } from "./support/report";
import { tests } from "./tests";

type Bench = (rounds: number, progress: (line: string) => void) => Promise<Section>;

const BENCHES: Readonly<Record<string, Bench>> = {
  planning,
  converging,
  changing,
  scale,
  path: dataPath,
  lab: labWork,
  "first-run": firstRun,
  tests,
};

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: "string", default: "5" } },
  });
  const names = positionals.length > 0 ? positionals : Object.keys(BENCHES);
  for (const name of names) {
    const bench = BENCHES[name];
    if (bench === undefined) {
      throw new Error(
        `Unknown benchmark ${name}. Choose one of ${Object.keys(BENCHES).join(", ")}.`,
      );
    }
    await settle();
    const measured = await bench(Number(values.rounds), (line) => {
      console.error(`${name}: ${line}`);
    });
    const section = await keep(measured);
    for (const { what, target, measured, met } of section.targets) {
      console.log(`${met ? "met   " : "MISSED"} ${what}: ${measured}, at most ${target}`);
    }
    for (const doubt of section.doubts) console.log(`doubtful: ${doubt}`);
    for (const line of section.again ?? []) console.log(`again: ${line}`);
  }
}

/** Waits until the load of earlier work has faded, or for three minutes. */
async function settle(): Promise<void> {
  for (let seconds = 0; seconds < 180 && load() > QUIET_LOAD; seconds += 5)
    await new Promise((resolve) => setTimeout(resolve, 5000));
}

void main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
