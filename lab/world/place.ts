/** Where a lab keeps what: one state folder per lab, one cache folder for all labs. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

/** A lab's identity and its folders. */
export interface Place {
  readonly name: string;
  /** First of the lab's loopback ports: the API is at +6, SSH of the first node at +22. */
  readonly portBase: number;
  /** Everything that `lab down` removes. */
  readonly folder: string;
  /** Images, templates and packages, shared by all labs and kept. */
  readonly cache: string;
}

/** Port base of a lab that was not told one. */
export const DEFAULT_PORT_BASE = 18000;

/** Folder of this source tree; the lab's scripts and node files are found from here. */
export const LAB_FOLDER = path.resolve(__dirname, "..");

const base = (variable: string, fallback: string): string =>
  process.env[variable] ?? path.join(homedir(), fallback);

const labsFolder = (): string =>
  path.join(base("XDG_STATE_HOME", ".local/state"), "proximity-lan", "lab");

/** The lab of this name; its port base is the one given, else the one it was made with. */
export function findPlace(name: string, portBase?: number): Place {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(name)) {
    throw new Error(
      `--name ${name}: a lab's name is 1 to 20 of a-z, 0-9 and -, and begins with a letter.`,
    );
  }
  const folder = path.join(labsFolder(), name);
  return {
    name,
    portBase: portBase ?? storedPortBase(folder) ?? DEFAULT_PORT_BASE,
    folder,
    cache: path.join(base("XDG_CACHE_HOME", ".cache"), "proximity-lan"),
  };
}

function storedPortBase(folder: string): number | undefined {
  const file = path.join(folder, "port-base");
  return existsSync(file) ? Number(readFileSync(file, "utf8")) : undefined;
}

/** Makes the lab's folders and remembers its port base; a living lab cannot change it. */
export function claimPlace(place: Place): void {
  const stored = storedPortBase(place.folder);
  if (stored !== undefined && stored !== place.portBase) {
    throw new Error(
      `Lab ${place.name} has port base ${stored}, not ${place.portBase}: run lab down --name ${place.name} first.`,
    );
  }
  for (const folder of [place.folder, logsOf(place), place.cache]) {
    mkdirSync(folder, { recursive: true });
  }
  writeFileSync(path.join(place.folder, "port-base"), String(place.portBase));
}

/** Folder of the logs of the lab's server and of its hosts' daemons. */
export const logsOf = (place: Place): string => path.join(place.folder, "logs");

/** Folder of one host: its files, its init's id, its cgroups. */
export const hostFolder = (place: Place, host: string): string =>
  path.join(place.folder, "hosts", host);

/** Folder of a node's storages; gone with the lab. */
export const storageFolder = (place: Place, node: string): string =>
  path.join(place.folder, "storage", node);

/** Folder of the sockets between a node and the lab's server; /run/pve-lab on the node. */
export const socketFolder = (place: Place, node: string): string =>
  path.join(place.folder, "sockets", node);

/** Folder of templates unpacked once, for all labs. */
export const unpackedFolder = (place: Place): string => path.join(place.cache, "unpacked");

/** Lock that a command which changes the lab holds; outside of the lab's folder, which goes. */
export const labLock = (place: Place): string => path.join(place.cache, "locks", place.name);
