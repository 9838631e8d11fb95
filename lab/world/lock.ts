/** Locks between processes, held by the kernel: a killed holder's lock is free. */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";

/** Runs the operation while holding the file's lock, after waiting for its current holder. */
export async function locked<T>(
  file: string,
  operation: () => Promise<T>,
  onWait: () => void = () => undefined,
): Promise<T> {
  mkdirSync(path.dirname(file), { recursive: true });
  // cat ends, and the lock with it, when this process closes the pipe or dies.
  const holder = spawn("flock", ["--exclusive", file, "sh", "-c", "echo held && exec cat"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const patience = setTimeout(onWait, 1000);
  try {
    await new Promise<void>((resolve, reject) => {
      holder.once("error", reject);
      holder.once("exit", (code) => {
        reject(new Error(`flock ${file} ended with ${code ?? "a signal"}`));
      });
      holder.stdout.once("data", () => {
        resolve();
      });
    });
    clearTimeout(patience);
    return await operation();
  } finally {
    clearTimeout(patience);
    holder.stdin.end();
  }
}
