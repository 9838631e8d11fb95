/** Which of its processes a command's processor time goes to. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";

import type { Command } from "./hyperfine";

/** The kernel's clock ticks in a second, for what it shows to programs (proc(5)). */
const TICKS = 100;
const EVERY_MS = 40;

interface Seen {
  readonly parent: number;
  readonly program: string;
  readonly milliseconds: number;
}

/**
 * Runs a command, which must succeed, and returns milliseconds of processor time by program, largest first.
 * What a process does in its last hundredths of a second is not seen.
 */
export async function processorTimes(
  { folder, words }: Command,
  env: NodeJS.ProcessEnv,
): Promise<readonly (readonly [program: string, milliseconds: number])[]> {
  const [program = "", ...args] = words;
  const child = spawn(program, args, { cwd: folder, env, stdio: "ignore" });
  const ended = once(child, "close");
  const seen = new Map<number, Seen>();
  const timer = setInterval(() => {
    look(child.pid ?? 0, seen);
  }, EVERY_MS);
  await ended;
  clearInterval(timer);
  const { exitCode: code } = child;
  if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code ?? "a signal"}`);
  const sums = new Map<string, number>();
  for (const { program: name, milliseconds } of seen.values()) {
    sums.set(name, (sums.get(name) ?? 0) + milliseconds);
  }
  return [...sums].sort(([, one], [, other]) => other - one);
}

/** Notes every process below the first, with what it has used until now. */
function look(first: number, seen: Map<number, Seen>): void {
  const now = new Map<number, Seen>();
  for (const entry of readdirSync("/proc")) {
    const process = /^\d+$/.test(entry) ? read(entry) : undefined;
    if (process !== undefined) now.set(Number(entry), process);
  }
  const isBelow = (pid: number): boolean => {
    const parent = now.get(pid)?.parent;
    return pid === first || (parent !== undefined && parent > 1 && isBelow(parent));
  };
  for (const [pid, process] of now) {
    // A process that is about to go has no words any more.
    const program = process.program || seen.get(pid)?.program;
    if (isBelow(pid) && program !== undefined) seen.set(pid, { ...process, program });
  }
}

/** Nothing of a process that has ended meanwhile. */
function read(pid: string): Seen | undefined {
  try {
    const [, fields = ""] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    const [, parent, , , , , , , , , , user, system] = fields.split(" ").map(Number);
    const [path = ""] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return {
      parent: parent ?? 0,
      program: basename(path),
      milliseconds: (((user ?? 0) + (system ?? 0)) * 1000) / TICKS,
    };
  } catch {
    return undefined;
  }
}
