/** The lab's faults as its server has written them down; read by `lab up`, which must not repair them. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import type { Fault } from "../fault/fault";
import type { Place } from "./place";

/** Socket on which the lab's server takes orders. */
export const controlSocket = (place: Place): string => path.join(place.folder, "control.sock");

/** File of the faults in force. */
export const faultsFile = (place: Place): string => path.join(place.folder, "faults.json");

/** The faults in force, as the lab's server last wrote them down. */
export function storedFaults(place: Place): readonly Fault[] {
  const stored: unknown = existsSync(faultsFile(place))
    ? JSON.parse(readFileSync(faultsFile(place), "utf8"))
    : [];
  return Array.isArray(stored) ? stored.filter(isFault) : [];
}

/** True for a fault among data. */
export const isFault = (value: unknown): value is Fault =>
  typeof value === "object" && value !== null && "id" in value && "kind" in value;
