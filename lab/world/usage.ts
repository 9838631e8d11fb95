/** What hosts and guests use, read from their cgroups (version 1 or 2) without running anything. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { hostFolder, type Place } from "./place";

/** The host's cgroup that has the file, with an optional group below it. */
function group(place: Place, host: string, file: string, below: string): string | undefined {
  const list = readFileSync(path.join(hostFolder(place, host), "cgroups"), "utf8").trim();
  return list
    .split("\n")
    .map((cgroup) => path.join(cgroup, below))
    .find((cgroup) => existsSync(path.join(cgroup, file)));
}

const number = (cgroup: string, file: string): number =>
  Number(readFileSync(path.join(cgroup, file), "utf8"));

function statistic(cgroup: string, file: string, key: string): number {
  const text = readFileSync(path.join(cgroup, file), "utf8");
  return Number(new RegExp(`^${key} (\\d+)$`, "m").exec(text)?.[1] ?? 0);
}

/** Memory in use in bytes, without the page cache that the kernel would give back first. */
export function memoryUse(place: Place, host: string, below = ""): number {
  const old = group(place, host, "memory.usage_in_bytes", below);
  if (old !== undefined) {
    const cached = statistic(old, "memory.stat", "total_inactive_file");
    return Math.max(0, number(old, "memory.usage_in_bytes") - cached);
  }
  const unified = group(place, host, "memory.current", below);
  if (unified === undefined) return 0;
  const cached = statistic(unified, "memory.stat", "inactive_file");
  return Math.max(0, number(unified, "memory.current") - cached);
}

/** Processor time used since the group was made, in seconds. */
export function processorTime(place: Place, host: string, below = ""): number {
  const old = group(place, host, "cpuacct.usage", below);
  if (old !== undefined) return number(old, "cpuacct.usage") / 1e9;
  const unified = group(place, host, "cpu.stat", below);
  return unified === undefined ? 0 : statistic(unified, "cpu.stat", "usage_usec") / 1e6;
}

/** Process ids (as the machine counts) in a group of the host and in the groups below it. */
export function processesIn(place: Place, host: string, below: string): readonly number[] {
  const top = group(place, host, "cgroup.procs", below);
  if (top === undefined) return [];
  return walk(top);
}

function walk(folder: string): readonly number[] {
  try {
    const own = readFileSync(path.join(folder, "cgroup.procs"), "utf8").split("\n").filter(Boolean);
    const below = readdirSync(folder, { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    return [...own.map(Number), ...below.flatMap(({ name }) => walk(path.join(folder, name)))];
  } catch {
    return []; // the group was removed meanwhile, so it has no processes
  }
}

/** Seconds that a process has lived; undefined when it is gone. */
export function uptimeOf(pid: number): number | undefined {
  const started = startOf(pid);
  if (started === undefined) return undefined;
  const now = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  return Math.max(0, now - started);
}

/** When a process started, in seconds since the machine's boot. */
export function startOf(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return Number(fields[19]) / CLOCK_TICKS;
  } catch {
    return undefined; // the process ended
  }
}

/** The kernel's clock ticks per second in /proc (USER_HZ), the same on every Linux that Node runs on. */
const CLOCK_TICKS = 100;
