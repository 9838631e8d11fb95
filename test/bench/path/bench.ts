/**
 * The path of data through the appliance, compared with its parts: a bare Caddy, a bare dnsmasq and plain
 * routing in a container that stands in the same place, and the app itself.
 */
import { contests, type Run } from "./contests";
import { Seen } from "./seen";
import { section } from "./section";
import { memoryOf } from "./memory";
import { withWorld } from "./world";
import { load } from "../support/machine";
import type { Section } from "../support/report";

/** Measures; within a round everything is measured once, and every other round goes the other way round. */
export async function dataPath(rounds: number, progress: (line: string) => void): Promise<Section> {
  const before = load();
  progress("building a site, and a plain container next to its appliance");
  return await withWorld((world) => {
    const seen = new Seen();
    const runs = contests(world);
    for (let round = 1; round <= rounds; round++) {
      progress(`round ${round} of ${rounds}`);
      for (const run of inTurn(runs, round)) seen.add(run, run.go());
    }
    return section({ rounds, before, seen, memory: memoryOf(world) });
  });
}

/** Who is first in one round is last in the next: what follows on something may find it warm, or busy still. */
const inTurn = (runs: readonly Run[], round: number): readonly Run[] =>
  round % 2 === 1 ? runs : [...runs].reverse();
