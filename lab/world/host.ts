/** One lab host: namespaces held by an init, entered for every command. */
import { spawn } from "node:child_process";
import { existsSync, openSync, readFileSync, rmSync, mkdirSync, closeSync } from "node:fs";
import path from "node:path";

import { removeCgroups } from "./cgroups";
import { LAB_CACHE_MARK, LAB_MARK, markOf } from "./processes";
import { hostFolder, type Place } from "./place";
import { run, type Result, type RunOptions } from "./run";
import { waitFor } from "./wait";

const SCRIPTS = path.join(__dirname, "boot");

/** A folder of the machine that appears on a host. */
export interface Bind {
  readonly source: string;
  readonly target: string;
}

/** Process id of the host's init as the machine counts, or undefined when the host is down. */
export function initOf(place: Place, host: string): number | undefined {
  const file = path.join(hostFolder(place, host), "init.pid");
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, "utf8"));
  return markOf(pid, LAB_MARK) === place.folder ? pid : undefined;
}

/** The host's init; throws when the host is down. */
export function needInit(place: Place, host: string): number {
  const pid = initOf(place, host);
  if (pid !== undefined) return pid;
  throw new Error(`Host ${host} of lab ${place.name} is down: run lab up --name ${place.name}.`);
}

/** A path on a running host, as this process can open it; its symbolic links must be relative. */
export const onHost = (place: Place, host: string, file: string): string =>
  `/proc/${needInit(place, host)}/root${file}`;

/** Boots a host on a root made of the image and the host's own folder; resolves once it can be entered. */
export async function bootHost(
  place: Place,
  host: string,
  image: string,
  binds: readonly Bind[],
): Promise<void> {
  const folder = hostFolder(place, host);
  const boot = path.join(folder, "boot.log");
  await removeCgroups(place, host);
  // The overlay's work folder holds nothing that outlives a boot.
  for (const name of ["work", "init.pid"]) {
    rmSync(path.join(folder, name), { recursive: true, force: true });
  }
  for (const name of ["upper", "work", "root"]) {
    mkdirSync(path.join(folder, name), { recursive: true });
  }
  for (const { source } of binds) mkdirSync(source, { recursive: true });
  const log = openSync(boot, "w");
  const child = spawn(
    path.join(SCRIPTS, "host.sh"),
    [image, folder, host, ...binds.map(({ source, target }) => `${source}:${target}`)],
    { cwd: "/", detached: true, stdio: ["ignore", log, log], env: markedEnvironment(place) },
  );
  closeSync(log);
  child.unref();
  const failure = `Host ${host} does not boot:`;
  await waitFor(`host ${host} to boot (log: ${boot})`, 20_000, () => {
    if (child.exitCode !== null) throw new Error(`${failure} ${readFileSync(boot, "utf8").trim()}`);
    return initOf(place, host) !== undefined;
  });
}

/** Environment of a process that belongs to the lab and ends with it. */
export const markedEnvironment = (place: Place): NodeJS.ProcessEnv => ({
  ...process.env,
  [LAB_MARK]: place.folder,
  [LAB_CACHE_MARK]: place.cache,
});

/** Program and arguments that run a command on a host with the caller's streams. */
export function entering(
  place: Place,
  host: string,
  command: readonly string[],
): readonly [string, readonly string[]] {
  needInit(place, host);
  return [path.join(SCRIPTS, "enter.sh"), [hostFolder(place, host), ...command]];
}

/** Runs a command on a host to its end. */
export function onHostRun(
  place: Place,
  host: string,
  command: readonly string[],
  options: RunOptions = {},
): Promise<Result> {
  return run(...entering(place, host, command), options);
}

/** Runs a command on a host that must succeed; resolves with its stdout. */
export async function onHostMust(
  place: Place,
  host: string,
  command: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await onHostRun(place, host, command, options);
  if (code === 0) return stdout;
  throw new Error(
    `${command.join(" ")} on host ${host} ended with ${code}: ${(stderr || stdout).trim()}`,
  );
}
