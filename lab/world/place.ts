/** Where a lab keeps what: one state folder per lab, one cache folder for all labs. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

import { DEFAULT_VERSION } from "../server/versions";

/** A lab's identity and its folders. */
export interface Place {
  readonly name: string;
  /** First of the lab's loopback ports: the API is at +6, SSH of the first node at +22. */
  readonly portBase: number;
  /** How many Proxmox nodes the lab has. */
  readonly nodes: number;
  /** The version of Proxmox VE that its nodes are, such as `9.1.2`. */
  readonly version: string;
  /** Everything that `lab down` removes. */
  readonly folder: string;
  /** Images, templates and packages, shared by all labs and kept. */
  readonly cache: string;
}

/** Default port base of a lab. */
export const DEFAULT_PORT_BASE = 18000;

/** Nodes have the addresses 192.168.1.10 to .18 and loopback ports one after the other. */
const MAX_NODES = 9;

/** Folder of this source tree; the lab's scripts and node files are found from here. */
export const LAB_FOLDER = path.resolve(__dirname, "..");

const base = (variable: string, fallback: string): string =>
  process.env[variable] ?? path.join(homedir(), fallback);

const labsFolder = (): string =>
  path.join(base("XDG_STATE_HOME", ".local/state"), "proximity-lan", "lab");

/** Options of a lab. One that is missing has the value with which the lab was created, else the default. */
interface PlaceOptions {
  readonly portBase?: number | undefined;
  readonly nodes?: number | undefined;
  readonly version?: string | undefined;
}

/** The lab of this name. */
export function findPlace(name: string, { portBase, nodes, version }: PlaceOptions = {}): Place {
  const folder = path.join(labsFolder(), name);
  const place = {
    name,
    portBase: portBase ?? storedNumber(folder, "port-base") ?? DEFAULT_PORT_BASE,
    nodes: nodes ?? storedNumber(folder, "nodes") ?? 1,
    version: version ?? stored(folder, "version") ?? DEFAULT_VERSION,
    folder,
    cache: path.join(base("XDG_CACHE_HOME", ".cache"), "proximity-lan"),
  };
  assertPlace(place);
  return place;
}

function assertPlace({ name, nodes, version }: Place): void {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(name)) {
    throw new Error(
      `--name ${name}: a lab's name is 1 to 20 of a-z, 0-9 and -, and begins with a letter.`,
    );
  }
  if (!/^[89]\.\d{1,2}\.\d{1,2}$/.test(version)) {
    throw new Error(`--version ${version}: a version is one of 8 or 9, such as 8.4.2.`);
  }
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > MAX_NODES) {
    throw new Error(`--nodes ${nodes}: a lab has 1 to ${MAX_NODES} nodes.`);
  }
}

function stored(folder: string, name: string): string | undefined {
  const file = path.join(folder, name);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function storedNumber(folder: string, name: string): number | undefined {
  const text = stored(folder, name);
  return text === undefined ? undefined : Number(text);
}

/** Makes the lab's folders and remembers what it was made with; a living lab cannot change that. */
export function claimPlace(place: Place): void {
  const claims = [
    ["port-base", String(place.portBase), "port base"],
    ["nodes", String(place.nodes), "number of nodes"],
    ["version", place.version, "version"],
  ] as const;
  for (const [file, wanted, words] of claims) {
    const present = stored(place.folder, file) ?? wanted;
    if (present === wanted) continue;
    throw new Error(
      `Lab ${place.name} has ${words} ${present}, not ${wanted}: run lab down --name ${place.name} first.`,
    );
  }
  for (const folder of [place.folder, logsOf(place), place.cache]) {
    mkdirSync(folder, { recursive: true });
  }
  for (const [file, value] of claims) writeFileSync(path.join(place.folder, file), value);
}

/** Folder of the logs of the lab's server and of its hosts' daemons. */
export const logsOf = (place: Place): string => path.join(place.folder, "logs");

/** Folder of one host: its files, its init's id, its cgroups. */
export const hostFolder = (place: Place, host: string): string =>
  path.join(place.folder, "hosts", host);

/** Folder behind /etc/pve of every node: one file system for the whole cluster. */
export const clusterFolder = (place: Place): string => path.join(place.folder, "cluster");

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
