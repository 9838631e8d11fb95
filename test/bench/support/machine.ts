/** What the figures were measured on, and whether it was quiet. */
import { execFileSync } from "node:child_process";
import { cpus, loadavg, release, totalmem } from "node:os";

import { spread } from "./figures";

/** Share of the middle by which a command that does always the same may vary on a quiet machine. */
const QUIET = 0.25;

/** Programs that may wait for a processor before a measurement. */
export const QUIET_LOAD = 0.7;

/** Processor, memory and versions, in words for a reader. */
export function machine(): string[] {
  const processors = cpus();
  const pulumi = execFileSync("toolchain/pulumi", ["version"]).toString().trim();
  return [
    `${processors.length} cores of ${processors[0]?.model.trim() ?? "an unknown processor"}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `Linux ${release()}`,
    `Node ${process.version}`,
    `Pulumi ${pulumi}`,
  ];
}

/** Why the figures may be wrong; `same` is what a command took that does always the same. */
export function doubts(loadBefore: number, same: readonly number[]): string[] {
  const { min, median, max } = spread(same);
  const varied = (max - min) / median;
  const percent = Math.round(varied * 100);
  return [
    ...(loadBefore > QUIET_LOAD
      ? [`the machine had a load of ${loadBefore.toFixed(1)} before.`]
      : []),
    ...(varied > QUIET ? [`an unchanging command varied by ${percent} %; run this again.`] : []),
  ];
}

/** Programs that waited for a processor in the last minute. */
export const load = (): number => loadavg()[0] ?? 0;
