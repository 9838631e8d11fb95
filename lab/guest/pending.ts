import type { GuestConfigFile } from "../pve/guest-config";
import { splitList } from "../server/params";

/**
 * Keys that take effect on a running guest at once; all others wait in `[pve:pending]` for the next start.
 * A real node also plugs `netN` at once; here a reboot is needed, which is what the provider does anyway.
 */
const IMMEDIATE = new Set([
  "cores",
  "cpulimit",
  "cpuunits",
  "description",
  "hookscript",
  "hostname",
  "lock",
  "memory",
  "onboot",
  "protection",
  "startup",
  "swap",
  "tags",
]);

/** One change of a config: values to set and keys to drop. */
export interface ConfigChange {
  readonly set: ReadonlyMap<string, string>;
  readonly drop: readonly string[];
}

function applied(file: GuestConfigFile, { set, drop }: ConfigChange): GuestConfigFile {
  const keys = new Map(file.current.keys);
  for (const key of drop) keys.delete(key);
  for (const [key, value] of set) if (key !== "description") keys.set(key, value);
  const { description: old, ...rest } = file.current;
  const description = drop.includes("description") ? undefined : (set.get("description") ?? old);
  const current = { ...rest, keys };
  return { ...file, current: description === undefined ? current : { ...current, description } };
}

function postponed(file: GuestConfigFile, { set, drop }: ConfigChange): GuestConfigFile {
  const pending = new Map(file.pending);
  const dropped = new Set(splitList(pending.get("delete") ?? ""));
  for (const [key, value] of set) {
    dropped.delete(key);
    if (file.current.keys.get(key) === value) pending.delete(key);
    else pending.set(key, value);
  }
  for (const key of drop) {
    pending.delete(key);
    if (file.current.keys.has(key)) dropped.add(key);
  }
  if (dropped.size === 0) pending.delete("delete");
  else pending.set("delete", [...dropped].sort().join(","));
  return { ...file, pending };
}

/** The config after a change: at once where possible, else noted as pending. */
export function changeConfig(
  file: GuestConfigFile,
  change: ConfigChange,
  running: boolean,
): GuestConfigFile {
  if (!running) return applied(file, change);
  const now = (key: string): boolean => IMMEDIATE.has(key);
  const split = (wanted: boolean): ConfigChange => ({
    set: new Map([...change.set].filter(([key]) => now(key) === wanted)),
    drop: change.drop.filter((key) => now(key) === wanted),
  });
  return postponed(applied(file, split(true)), split(false));
}

/** The config as the next start will use it. */
export function withPendingApplied(file: GuestConfigFile): GuestConfigFile {
  const set = new Map(file.pending);
  const drop = splitList(set.get("delete") ?? "");
  set.delete("delete");
  return { ...applied(file, { set, drop }), pending: new Map() };
}
