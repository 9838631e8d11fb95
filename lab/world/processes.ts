/** The lab's processes on the machine, identified by a mark in their environment. */
import { readdirSync, readFileSync } from "node:fs";

import { waitFor } from "./wait";

/**
 * Environment variable that marks every process of a lab with the lab's folder. A process cannot lose
 * it, and a reused process id does not have it; so no list of ids can go stale.
 */
export const LAB_MARK = "PROXIMITY_LAB";

/** Variable that marks the same processes with the cache folder that their lab uses. */
export const LAB_CACHE_MARK = "PROXIMITY_LAB_CACHE";

/** The value of a variable in a process's environment; undefined when it or the process is gone. */
export function markOf(pid: number, variable: string): string | undefined {
  let environment: string;
  try {
    environment = readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return undefined; // the process ended meanwhile
  }
  const entry = environment.split("\0").find((line) => line.startsWith(`${variable}=`));
  return entry?.slice(variable.length + 1);
}

/** Ids of all living processes whose environment has the variable with this value. */
export function markedProcesses(variable: string, value: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && markOf(pid, variable) === value);
}

/** Sends a signal; false when the process is already gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

/** Kills every marked process and waits until none is left. */
export async function killMarked(variable: string, value: string): Promise<void> {
  await waitFor(`processes of ${value} to end`, 20_000, () => {
    const left = markedProcesses(variable, value);
    for (const pid of left) signal(pid, "SIGKILL");
    return left.length === 0;
  });
}
