/** `lab down`: everything of the lab goes, however it was left; only the caches stay. */
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import path from "node:path";

import { locked } from "./lock";
import { stopPackagesWithLastLab } from "./packages";
import { hostFolder, labLock, type Place } from "./place";
import { killMarked, LAB_MARK } from "./processes";
import { waitFor } from "./wait";

/** Ends the lab; resolves with false when there was none. */
export async function down(place: Place): Promise<boolean> {
  return locked(labLock(place), async () => {
    // A host's init takes everything on the host along, mounts and interfaces included.
    await killMarked(LAB_MARK, place.folder);
    const existed = existsSync(place.folder);
    const hosts = path.join(place.folder, "hosts");
    for (const host of existsSync(hosts) ? readdirSync(hosts) : []) {
      const list = path.join(hostFolder(place, host), "cgroups");
      if (!existsSync(list)) continue;
      for (const cgroup of readFileSync(list, "utf8").split("\n").filter(Boolean)) {
        await waitFor(`cgroup ${cgroup} to be empty`, 20_000, () => removeCgroup(cgroup));
      }
    }
    rmSync(place.folder, { recursive: true, force: true });
    await stopPackagesWithLastLab(place);
    return existed;
  });
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
