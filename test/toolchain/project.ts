import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ownEnv } from "../support/own-env";

const project = join(__dirname, "../..");

/** How `pulumi` ended, and what it printed on both streams. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** A folder with the program of this suite (program/), a stack `test` and a state of its own. */
export class SmokeProject {
  readonly folder = mkdtempSync(join(tmpdir(), "toolchain-engine-"));

  constructor() {
    cpSync(join(__dirname, "program"), this.folder, { recursive: true });
    for (const name of ["package.json", "tsconfig.json"])
      cpSync(join(project, name), join(this.folder, name));
    symlinkSync(join(project, "node_modules"), join(this.folder, "node_modules"));
    mkdirSync(join(this.folder, "state"));
  }

  /** Makes the stack, with the configuration that the program needs. */
  async init(): Promise<void> {
    await this.succeed("stack", "init", "test");
    await this.succeed("config", "set", "--secret", "word", "moin");
  }

  /** Runs `pulumi` with its arguments. */
  pulumi(...args: readonly string[]): Promise<Ended> {
    const env = {
      ...ownEnv(),
      PULUMI_BACKEND_URL: `file://${this.folder}/state`,
      PULUMI_CONFIG_PASSPHRASE: "of this test",
    };
    return new Promise((resolve) => {
      execFile(
        join(project, "toolchain/pulumi"),
        [...args, "--non-interactive"],
        { cwd: this.folder, env, encoding: "utf8", maxBuffer: 1 << 26 },
        (error, stdout, stderr) => {
          const code = typeof error?.code === "number" ? error.code : error === null ? 0 : 255;
          resolve({ code, output: stdout + stderr });
        },
      );
    });
  }

  /** The same; fails unless it ends with 0. Returns the output. */
  async succeed(...args: readonly string[]): Promise<string> {
    const { code, output } = await this.pulumi(...args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${output}`);
    return output;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
