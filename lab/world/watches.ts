/** The one limit of the machine that a lab raises. */
import { readFileSync, writeFileSync } from "node:fs";

import type { Progress } from "./images";

const FILE = "/proc/sys/fs/inotify/max_user_instances";

/** Enough for 151 guests of one lab and those of others; a node's own packages allow more. */
const WANTED = 4096;

/**
 * The kernel counts the watchers of all containers together, several for each guest's init, and stops at
 * 128 by default; the init of the guest after that ends as it starts. A namespace
 * cannot have a larger limit than the machine, so the machine's is raised until its next boot.
 */
export function allowWatches(progress: Progress): void {
  const now = Number(readFileSync(FILE, "utf8"));
  if (now >= WANTED) return;
  progress(`Raising fs.inotify.max_user_instances of this machine from ${now} to ${WANTED}`);
  writeFileSync(FILE, `${WANTED}\n`);
}
