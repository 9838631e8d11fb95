/** `lab fault`: orders, lists and clears faults. */
import { askFaults } from "../fault/control";
import { effectLines } from "../fault/effects";
import { describe, readOrder } from "../fault/fault";
import type { Place } from "./place";
import { controlSocket, isFault } from "./stored-faults";
import { needServer } from "./server-process";
import { up } from "./up";

const USAGE = [
  "usage: lab fault KIND TARGET EFFECT [VALUE] [--skip N] [--times N]",
  "       lab fault list",
  "       lab fault clear [ID]      one fault or all; what they turned off runs again",
  "Requests, tasks, locks and connections are met as they come: the first N let through, then N met.",
  "The other kinds stand until they are cleared; lab up leaves them in place.",
  ...effectLines(),
].join("\n");

/** How often a fault is met; from the command line's options. */
export interface Counts {
  readonly skip?: string | undefined;
  readonly times?: string | undefined;
}

type Progress = (line: string) => void;

/** Runs one `lab fault` command line. */
export async function faultCommand(
  place: Place,
  words: readonly string[],
  counts: Counts,
  progress: Progress,
): Promise<void> {
  const socket = controlSocket(place);
  const show = (faults: unknown): void => {
    for (const fault of Array.isArray(faults) ? faults : []) {
      if (isFault(fault)) progress(describe(fault));
    }
  };
  const [verb = "help", ...rest] = words;
  if (verb === "help") {
    progress(USAGE);
    return;
  }
  needServer(place);
  if (verb === "list") {
    show(await askFaults(socket, "GET"));
  } else if (verb === "clear") {
    const id = rest[0] === undefined ? {} : { id: Number(rest[0]) };
    await askFaults(socket, "DELETE", id);
    await up(place, progress);
  } else {
    const [target, effect, ...value] = rest;
    const order = readOrder({
      ...{ kind: verb, target, effect, ...counts },
      ...(value.length === 0 ? {} : { value: value.join(" ") }),
    });
    show(await askFaults(socket, "POST", { order }));
  }
}
