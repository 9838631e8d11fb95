/** Whose work the processors do while something is measured. */
import { readFileSync } from "node:fs";

import { findPlace, type Place } from "../../../lab/world/place";
import { serverPid } from "../../../lab/world/server-process";
import { processorTime } from "../../../lab/world/usage";

/** Seconds of all processors together. */
export interface Work {
  /** In the guests. */
  readonly guests: number;
  /** On the node, outside its guests: SSH, scripts, `pct`, and what the API starts there to make a guest. */
  readonly node: number;
  /** The lab's API server, which stands for Proxmox's daemons. */
  readonly api: number;
  /** Everything on the machine. */
  readonly all: number;
}

/** Of the lab of this name, since some time. */
export function workOf(lab: string): Work {
  const place = findPlace(lab);
  const guests = processorTime(place, "pve1", "lxc");
  return {
    guests,
    node: processorTime(place, "pve1") - guests,
    api: ofServer(place),
    all: ofMachine(),
  };
}

/** What was done between two looks. */
export const workBetween = (before: Work, after: Work): Work => ({
  guests: after.guests - before.guests,
  node: after.node - before.node,
  api: after.api - before.api,
  all: after.all - before.all,
});

/** The kernel's ticks in a second, the same on every Linux that Node runs on. */
const TICKS = 100;

function ofServer(place: Place): number {
  const pid = serverPid(place);
  if (pid === undefined) throw new Error(`the API of lab ${place.name} does not run`);
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return sum(fields.slice(11, 13).map(Number)) / TICKS;
}

function ofMachine(): number {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n");
  const [user = 0, nice = 0, system = 0, , , interrupt = 0, soft = 0] = line
    .split(/ +/)
    .slice(1)
    .map(Number);
  return sum([user, nice, system, interrupt, soft]) / TICKS;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
