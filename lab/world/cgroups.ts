/** The cgroups of a host outlive its processes, and must go before the host boots again. */
import { existsSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import path from "node:path";

import { hostFolder, type Place } from "./place";
import { waitFor } from "./wait";

/** Removes all cgroups of a host that is down; waits for its dying processes to leave them. */
export async function removeCgroups(place: Place, host: string): Promise<void> {
  const list = path.join(hostFolder(place, host), "cgroups");
  if (!existsSync(list)) return;
  for (const cgroup of readFileSync(list, "utf8").split("\n").filter(Boolean)) {
    await waitFor(`cgroup ${cgroup} to be empty`, 20_000, () => removeCgroup(cgroup));
  }
}

/** Removes a cgroup and those below it; false while one still has processes. */
function removeCgroup(cgroup: string): boolean {
  if (!existsSync(cgroup)) return true;
  const below = readdirSync(cgroup, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const empty = below.map(({ name }) => removeCgroup(path.join(cgroup, name))).every(Boolean);
  if (!empty) return false;
  try {
    rmdirSync(cgroup);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EBUSY") return false;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return true;
    throw error;
  }
}
