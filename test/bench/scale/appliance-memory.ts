/** What the appliance's container takes of the node's memory. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { findPlace, hostFolder } from "../../../lab/world/place";
import type { AppSite } from "../support/app-site";

/** In MiB. */
export interface ApplianceMemory {
  /** All that its cgroup is charged with, less the cache of files, which the kernel gives back when asked. */
  readonly used: number;
  /** The page cache in addition. */
  readonly cache: number;
  /** Programs by name, with their part of `used` and of files that are mapped (PSS); the largest first. */
  readonly programs: readonly (readonly [name: string, size: number])[];
}

const MIB = 2 ** 20;
const SIZES = `for process in /proc/[0-9]*; do
  size=$(awk '/^Pss:/ { print $2 }' "$process/smaps_rollup" 2>/dev/null) && [ -z "$size" ] || echo "$size $(cat "$process/comm")"
done 2>/dev/null || :`; // a process may have ended meanwhile

/** Looks once, after whatever was done there last. */
export function applianceMemory(site: AppSite, lab: string): ApplianceMemory {
  const group = memoryGroup(lab);
  const [usage, file] = existsSync(join(group, "memory.usage_in_bytes"))
    ? [number(group, "memory.usage_in_bytes"), cache(group, "total_cache", "total_shmem")]
    : [number(group, "memory.current"), cache(group, "file", "shmem")];
  return {
    used: (usage - file) / MIB,
    cache: file / MIB,
    programs: programs(site.on("pve1", `pct exec 100 -- sh -c "$1"`, SIZES)),
  };
}

function memoryGroup(lab: string): string {
  const groups = readFileSync(join(hostFolder(findPlace(lab), "pve1"), "cgroups"), "utf8");
  const found = groups
    .split("\n")
    .map((group) => join(group, "lxc", "100"))
    .find((group) => existsSync(join(group, "memory.stat")));
  if (found === undefined) throw new Error("the appliance has no cgroup that counts its memory");
  return found;
}

const number = (group: string, file: string): number =>
  Number(readFileSync(join(group, file), "utf8"));

/** Files in memory; what has no file behind it (tmpfs) cannot be given back. */
function cache(group: string, all: string, shared: string): number {
  const text = readFileSync(join(group, "memory.stat"), "utf8");
  const [files, kept] = [all, shared].map((key) =>
    Number(new RegExp(`^${key} (\\d+)$`, "m").exec(text)?.[1] ?? 0),
  );
  return (files ?? 0) - (kept ?? 0);
}

function programs(text: string): readonly (readonly [string, number])[] {
  const sizes = new Map<string, number>();
  for (const line of text.split("\n").filter(Boolean)) {
    const [kib = "0", name = ""] = line.split(" ");
    sizes.set(name, (sizes.get(name) ?? 0) + Number(kib) / 1024);
  }
  return [...sizes].sort(([, one], [, other]) => other - one);
}
