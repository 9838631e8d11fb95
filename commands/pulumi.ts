/** Runs the pulumi CLI of this project for the commands in this folder. */
import { execFileSync, spawnSync } from "node:child_process";
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

/** Runs the CLI with its output on the terminal. */
export function showPulumi(args: readonly string[]): void {
  execFileSync(cli, [...args, "--non-interactive"], {
    cwd: project,
    stdio: ["ignore", "inherit", "inherit"],
  });
}
