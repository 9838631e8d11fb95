/** Processes of this machine that an update left behind when Pulumi was killed; Linux alone shows them. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
}

/** Whether the process exists and is Pulumi; without a list of processes, whether it exists. */
export function isPulumi(pid: number): boolean {
  if (existsSync("/proc/self/stat")) return processOf(pid)?.name === "pulumi";
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Ends the plugins that work in that folder and whose Pulumi is gone; their names with their ids. */
export function endOrphans(folder: string): readonly string[] {
  return pids()
    .flatMap((pid) => processOf(pid) ?? [])
    .filter(({ name }) => /^pulumi-(resource|language|analyzer)-/.test(name))
    .filter(({ pid }) => folderOf(pid) === folder && !hasPulumi(pid))
    .filter(({ pid }) => end(pid))
    .map(({ pid, name }) => `${name} (process ${pid})`);
}

function pids(): readonly number[] {
  if (!existsSync("/proc/self/stat")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Undefined for a process that is gone or a zombie. The kernel's own name has 15 letters, so the path names it. */
function processOf(pid: number): Process | undefined {
  try {
    const [, state = "", parent = ""] =
      /^\d+ \(.*\) (\S) (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    if (state === "Z" || state === "") return undefined;
    return { pid, parent: Number(parent), name: basename(readlinkSync(`/proc/${pid}/exe`)) };
  } catch {
    return undefined;
  }
}

/** A script that runs by an interpreter has that one's path; its working folder is that of the update. */
function folderOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

function hasPulumi(pid: number): boolean {
  const one = processOf(pid);
  if (one === undefined || one.parent <= 1) return false;
  return processOf(one.parent)?.name === "pulumi" || hasPulumi(one.parent);
}

function end(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}
