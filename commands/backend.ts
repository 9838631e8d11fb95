/**
 * The folder in which Pulumi keeps a stack's state, where its backend is one on this machine
 * (`file://`, the default). Another backend keeps its own files whole.
 */
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";

import { z } from "zod";

import { plainName } from "./configuration";
import { project } from "./pulumi";

/** Name in Pulumi.yaml, which is part of the paths. */
const PROJECT = "proximity-lan";

const lockShape = z.object({ pid: z.number(), hostname: z.string() });

/** Who locked a stack. */
export type Lock = z.output<typeof lockShape>;

/** The backend's folder; undefined where the state is elsewhere. */
export function backendFolder(
  url = process.env["PULUMI_BACKEND_URL"] ?? `file://${join(project, ".state")}`,
): string | undefined {
  if (!url.startsWith("file://")) return undefined;
  const [path = ""] = url.slice("file://".length).split("?");
  return path.startsWith("~") ? join(homedir(), path.slice(1)) : path;
}

/** The locks of a stack. */
export function locksOf(folder: string, stack: string): readonly Lock[] {
  return filesIn(lockFolder(folder, stack)).flatMap((path) => {
    const lock = lockShape.safeParse(path.endsWith(".json") ? parsed(path) : undefined);
    return lock.success ? [lock.data] : [];
  });
}

/**
 * Repairs what a kill left half written: Pulumi writes some of these files in place, and an empty one
 * stops every command with "failed to load checkpoint: EOF". Returns one sentence for each repair; throws
 * when the state itself is gone.
 */
export function repairBackend(folder: string, name: string): readonly string[] {
  const stack = plainName(name);
  const state = join(folder, ".pulumi", "stacks", PROJECT, `${stack}.json`);
  const history = join(folder, ".pulumi", "history", PROJECT, stack);
  const meta = join(folder, ".pulumi", "meta.yaml");
  return [
    ...[state, `${state}.bak`, meta, ...filesIn(history), ...filesIn(lockFolder(folder, stack))]
      .flatMap((path) => (path.endsWith(".attrs") ? [path] : [path, `${path}.attrs`]))
      .filter((path) => path !== state && path !== meta && existsSync(path) && !isWhole(path))
      .map(removed),
    ...repairMeta(meta),
    ...repairState(state, history),
  ];
}

function repairMeta(path: string): readonly string[] {
  if (!existsSync(path) || readFileSync(path, "utf8").trim() !== "") return [];
  // The layout with a folder for each project, the only one that this program's Pulumi writes.
  writeFileSync(path, "version: 1\n");
  return [`${path} was empty; it is written again`];
}

/** From the copy that Pulumi makes before each write, or from the newest checkpoint of its history. */
function repairState(state: string, history: string): readonly string[] {
  const folder = dirname(state);
  const isKnown = existsSync(folder) && filesIn(folder).some((path) => path.startsWith(state));
  if (!isKnown || (existsSync(state) && isWhole(state))) return [];
  const checkpoints = filesIn(history).filter((path) => path.endsWith(".checkpoint.json"));
  const copy = [`${state}.bak`, ...checkpoints.toReversed()].find(
    (path) => existsSync(path) && isWhole(path),
  );
  if (copy === undefined)
    throw new Error(
      `${state} cannot be read, and there is no copy of it. Remove it, then go on as with a lost state (docs/recover.md)`,
    );
  copyFileSync(copy, state);
  rmSync(`${state}.attrs`, { force: true });
  return [`${state} could not be read; it is restored from ${basename(copy)}`];
}

function removed(path: string): string {
  rmSync(path);
  return `${path} was cut off while it was written; it is removed`;
}

function isWhole(path: string): boolean {
  // Journals of a history are not always JSON; only an empty one is broken.
  return path.endsWith(".json") || path.endsWith(".bak") || path.endsWith(".attrs")
    ? parsed(path) !== undefined
    : statSync(path).size > 0;
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

function lockFolder(folder: string, stack: string): string {
  return join(folder, ".pulumi", "locks", "organization", PROJECT, plainName(stack));
}

/** Paths of the files in a folder, by name; none where there is no folder. */
function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(folder, name))
    .sort();
}
