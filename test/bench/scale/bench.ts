/**
 * Sites of up to 151 apps, as many as the pool has addresses, in real containers: built from nothing by this
 * program, and by a shell loop on the node.
 */
import { z } from "zod";

import { AppSite, names } from "../support/app-site";
import { creationsIn, requestsSince, type Creation, type Request } from "../support/api-log";
import { measure, type Command } from "../support/hyperfine";
import { load } from "../support/machine";
import { peakDuring, type Peak } from "../support/memory";
import { workBetween, workOf, type Work } from "../support/processors";
import type { Section } from "../support/report";
import type { Call } from "../support/app-site";
import { applianceMemory, type ApplianceMemory } from "./appliance-memory";
import { section } from "./section";

/** What is built. */
export interface Extent {
  /** Numbers of apps, the smallest first. */
  readonly sizes: readonly number[];
  /** How many containers the shell loop is tried with side by side. */
  readonly parallel: readonly number[];
  /** With how many apps it is tried; no more than the smallest size. */
  readonly tried: number;
}

const WHOLE: Extent = { sizes: [10, 50, 151], parallel: [1, 2, 4, 8], tried: 8 };

const LAB = { name: "scale", portBase: 23_900 };

/** A site that was built; times in seconds. */
export interface Built {
  readonly wall: number;
  /** Processor time of the command itself and all that it started here. */
  readonly processor: number;
  readonly work: Work;
  /** Apps that do not answer under their paths as themselves, and what was said instead. */
  readonly silent: readonly string[];
  /** Tasks of the node that ended with an error, with its message. */
  readonly failures: readonly string[];
}

/** Figures of this program alone. */
export interface Own extends Built {
  /** Seconds since 1970. */
  readonly began: number;
  readonly requests: readonly Request[];
  readonly creations: readonly Creation[];
  readonly calls: readonly Call[];
  readonly peak: Peak;
  readonly appliance: ApplianceMemory;
  /** Bytes of the state at the end. */
  readonly state: number;
}

/** Both ways, one after the other. */
export interface Round {
  readonly own: Own;
  readonly loop: Built;
}

/** One size; the last of its rounds shows where the time goes. */
export interface Size {
  readonly apps: number;
  readonly rounds: readonly Round[];
  readonly last: Round;
}

/** Everything that the run saw. */
export interface Seen {
  readonly sizes: readonly Size[];
  /** Seconds that the loop took for a few apps, by how many it made side by side. */
  readonly tries: ReadonlyMap<number, number>;
  readonly tried: number;
  readonly best: number;
  readonly before: number;
}

/** A round takes a quarter of an hour, so this is the maximum. */
const MOST_ROUNDS = 2;

/** Measures; the smallest size first, and all rounds of a size one after the other. */
export async function scale(
  wanted: number,
  progress: (line: string) => void,
  extent: Extent = WHOLE,
): Promise<Section> {
  const before = load();
  const site = new AppSite(LAB);
  try {
    const measured: Size[] = [];
    let tries: ReadonlyMap<number, number> | undefined;
    const count = Math.min(wanted, MOST_ROUNDS);
    for (const apps of extent.sizes) {
      const rounds: Round[] = [];
      for (let number = 1; number <= count; number++) {
        const told = (words: string, wall?: number): void => {
          const seconds = wall === undefined ? "" : `: ${wall.toFixed(1)} s`;
          progress(`${apps} apps ${words}, round ${number} of ${count}${seconds}`);
        };
        told("by this program");
        const own = await byProgram(site, apps);
        told("by this program", own.wall);
        site.run(site.loop("take", "site", "take"));
        site.reset();
        tries ??= await tryParallel(site, extent, progress);
        const best = bestOf(tries);
        told(`by a shell loop, ${best} side by side`);
        const loop = await build(site, site.loop("loop", "site", "site", apps, best), apps);
        told(`by a shell loop, ${best} side by side`, loop.wall);
        rounds.push({ own, loop });
        site.reset();
      }
      const last = rounds.at(-1);
      if (last === undefined) throw new Error("no round was asked for");
      measured.push({ apps, rounds, last });
    }
    if (tries === undefined) throw new Error("no size was given");
    return section({ sizes: measured, tries, tried: extent.tried, best: bestOf(tries), before });
  } finally {
    site.remove();
  }
}

async function byProgram(site: AppSite, apps: number): Promise<Own> {
  site.declare(apps);
  site.calls();
  const began = Date.now();
  let built: Built | undefined;
  const peak = await peakDuring(async () => {
    built = await build(site, site.up("up"), apps);
  });
  if (built === undefined) throw new Error("nothing was built");
  const requests = requestsSince(LAB.name, began);
  return {
    ...built,
    began: began / 1000,
    requests,
    creations: creationsIn(requests),
    calls: site.calls(),
    peak,
    appliance: applianceMemory(site, LAB.name),
    state: Buffer.byteLength(
      site.checkout.must("toolchain/pulumi", ["stack", "export", "--stack", "dev"]),
    ),
  };
}

async function build(site: AppSite, command: Command, apps: number): Promise<Built> {
  const [work, failed] = [workOf(LAB.name), failures(site).length];
  const times = (await measure([command], 1, { env: site.checkout.env })).get(command.name);
  return {
    wall: (times?.wall[0] ?? NaN) / 1000,
    processor: (times?.processor[0] ?? NaN) / 1000,
    work: workBetween(work, workOf(LAB.name)),
    silent: site.silent(names(apps)),
    failures: failures(site).slice(failed),
  };
}

const Tasks = z.array(
  z.object({ type: z.string(), id: z.string(), status: z.string().optional() }),
);

/** All so far, the oldest first. */
function failures(site: AppSite): readonly string[] {
  const list = site.on("pve1", "pvesh get /nodes/pve1/tasks --output-format json");
  return Tasks.parse(JSON.parse(list))
    .filter(({ status = "OK" }) => status !== "OK")
    .map(({ type, id, status = "" }) => `${type} ${id}: ${status}`)
    .reverse();
}

/** The loop builds the appliance once, and the same few apps again and again. */
async function tryParallel(
  site: AppSite,
  { parallel: counts, tried }: Extent,
  progress: (line: string) => void,
): Promise<ReadonlyMap<number, number>> {
  const tries = new Map<number, number>();
  site.run(site.loop("appliance", "site", "site", 0, 1));
  for (const parallel of counts) {
    progress(`the shell loop with ${tried} apps, ${parallel} side by side`);
    const command = site.loop("try", "site", "apps", 1, tried, parallel);
    const times = await measure([command], 1, { env: site.checkout.env });
    tries.set(parallel, (times.get("try")?.wall[0] ?? NaN) / 1000);
    site.run(site.loop("clear", "site", "clear", 1, tried));
  }
  site.reset();
  return tries;
}

const bestOf = (tries: ReadonlyMap<number, number>): number =>
  [...tries].sort(([, one], [, other]) => one - other)[0]?.[0] ?? 1;
