/** Runs the pulumi CLI of this project for the commands beside this file. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** The folder of the project. */
export const project = join(__dirname, "..");

/** What the CLI printed on stdout; stderr goes to the person. Throws when it fails. */
export function pulumi(args: readonly string[]): string {
  return execFileSync(join(project, "toolchain", "pulumi"), [...args, "--non-interactive"], {
    cwd: project,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Runs the CLI with its output on the person's terminal. */
export function showPulumi(args: readonly string[]): void {
  execFileSync(join(project, "toolchain", "pulumi"), [...args, "--non-interactive"], {
    cwd: project,
    stdio: ["ignore", "inherit", "inherit"],
  });
}
