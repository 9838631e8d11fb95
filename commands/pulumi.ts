/** Runs the pulumi CLI of this project for the commands in this folder. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";

/** The folder of the project. */
export const project = join(__dirname, "..");

const cli = join(project, "toolchain", "pulumi");

/** How the CLI ended, and what it printed. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Another folder than the project's, and variables on top of this process's. */
export interface Surroundings {
  readonly folder?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs the CLI to its end, whatever that is. */
export function tryPulumi(
  args: readonly string[],
  { folder = project, env = {} }: Surroundings = {},
): Ended {
  const { status, stdout, stderr, error } = spawnSync(cli, [...args, "--non-interactive"], {
    cwd: folder,
    env: { ...process.env, ...env },
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (error !== undefined) throw error;
  return { code: status ?? 128, stdout, stderr };
}

/** What the CLI printed on stdout; stderr goes to the terminal. Throws when it fails. */
export function pulumi(args: readonly string[]): string {
  return execFileSync(cli, [...args, "--non-interactive"], {
    cwd: project,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** How a run of the CLI whose output was shown has ended. */
export interface Followed {
  /** Undefined when it was killed. */
  readonly code: number | undefined;
  /** What it printed on both streams. */
  readonly output: string;
}

/** Runs the CLI with its output on the terminal, and keeps that output. */
export function followPulumi(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Followed> {
  const color = process.stdout.isTTY ? ["--color", "always"] : [];
  const child = spawn(cli, [...args, ...color, "--non-interactive"], {
    cwd: project,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let output = "";
  const show = (stream: NodeJS.WriteStream) => (part: Buffer) => {
    output += part.toString("utf8");
    stream.write(part);
  };
  child.stdout.on("data", show(process.stdout));
  child.stderr.on("data", show(process.stderr));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      resolve({ code: code ?? undefined, output });
    });
  });
}

/** Runs the CLI with its output on the terminal. */
export function showPulumi(args: readonly string[]): void {
  execFileSync(cli, [...args, "--non-interactive"], {
    cwd: project,
    stdio: ["ignore", "inherit", "inherit"],
  });
}
