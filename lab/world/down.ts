/** `lab down`: everything of the lab goes, however it was left; only the caches stay. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";

import { removeCgroups } from "./cgroups";
import { locked } from "./lock";
import { stopPackagesWithLastLab } from "./packages";
import { labLock, type Place } from "./place";
import { killMarked, LAB_MARK } from "./processes";

/** Ends the lab; resolves with false when there was none. */
export async function down(place: Place): Promise<boolean> {
  return locked(labLock(place), async () => {
    // A host's init takes everything on the host along, mounts and interfaces included.
    await killMarked(LAB_MARK, place.folder);
    const existed = existsSync(place.folder);
    const hosts = path.join(place.folder, "hosts");
    for (const host of existsSync(hosts) ? readdirSync(hosts) : []) {
      await removeCgroups(place, host);
    }
    rmSync(place.folder, { recursive: true, force: true });
    await stopPackagesWithLastLab(place);
    return existed;
  });
}
