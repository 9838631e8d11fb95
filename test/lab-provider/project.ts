import { spawn } from "node:child_process";
import { mkdtemp, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

const ROOT = path.resolve(__dirname, "../..");

/**
 * Opening lines of every program: the SDK and a provider that points to the memory lab. JavaScript, since
 * a program of TypeScript takes two seconds more at each run.
 */
export const PROGRAM_HEAD = `
require(${JSON.stringify(path.join(ROOT, "loader.cjs"))});
const proxmoxve = require("@muhlba91/pulumi-proxmoxve");

const provider = new proxmoxve.Provider("lab", {
  endpoint: process.env["LAB_ENDPOINT"] ?? "",
  apiToken: "root@pam!lab=5d1c8a9e-3b47-4f0e-9c55-2f6a7e1d0b34",
  insecure: true,
});
`;

/** Output of one `pulumi` run that ended well. */
export interface Run {
  readonly output: string;
}

/** A throwaway Pulumi project with its own state, run by the project's own toolchain. */
export class Project {
  private constructor(
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Makes the project; `env` reaches the program. */
  static async create(env: Readonly<Record<string, string>>): Promise<Project> {
    const folder = await mkdtemp(path.join(tmpdir(), "lab-provider-"));
    await mkdir(path.join(folder, "state"));
    await symlink(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
    const runtime = "runtime:\n  name: nodejs\n  options:\n    typescript: false\n";
    await writeFile(
      path.join(folder, "Pulumi.yaml"),
      `name: lab-provider\n${runtime}main: index.js\n`,
    );
    const project = new Project(folder, {
      ...process.env,
      ...env,
      PULUMI_BACKEND_URL: `file://${path.join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
    });
    await project.pulumi("stack", "init", "test");
    return project;
  }

  /** Replaces the program. */
  async program(text: string): Promise<void> {
    await writeFile(path.join(this.folder, "index.js"), text);
  }

  /** Runs `pulumi`; throws with its whole output when it fails. */
  async pulumi(...args: readonly string[]): Promise<Run> {
    const { code, output } = await this.try(...args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${code}:\n${output}`);
    return { output };
  }

  /** Runs `pulumi` and returns how it ended. */
  async try(
    ...args: readonly string[]
  ): Promise<{ readonly code: number; readonly output: string }> {
    const options = ["--non-interactive", "--color=never", "-C", this.folder];
    const child = spawn(path.join(ROOT, "toolchain/pulumi"), [...args, ...options], {
      env: this.env,
    });
    let output = "";
    const collect = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (status) => {
        resolve(status ?? -1);
      });
    });
    return { code, output };
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
