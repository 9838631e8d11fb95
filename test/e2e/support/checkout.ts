/** A copy of the project in a folder of its own, in which the README's commands are run as a user would. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { parse, stringify } from "yaml";

import { ownEnv } from "../../support/own-env";

const project = join(__dirname, "..", "..", "..");

/** What a command printed and how it ended. */
export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A lab of its own beside the one a person may have running; two checkouts may test side by side. */
export const ownLab = {
  name: process.env["E2E_LAB"] ?? "e2e",
  portBase: Number(process.env["E2E_PORT_BASE"] ?? 19_000),
};

/** The stack's configuration as plain data, for a test to change. */
export type StackConfig = {
  config: Record<string, unknown> & { "proximity-lan:site": SiteConfig };
};

/** The part of the site that the tests change. */
export interface SiteConfig {
  network: Record<string, unknown>;
  apps: Record<string, Record<string, unknown>>;
  [key: string]: unknown;
}

/** The copy; everything in it goes with `remove`. */
export class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), "proximity-e2e-"));
  readonly env: NodeJS.ProcessEnv;

  constructor({ name, portBase } = ownLab) {
    const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: project });
    for (const file of files.toString().trim().split("\n")) {
      mkdirSync(join(this.folder, dirname(file)), { recursive: true });
      cpSync(join(project, file), join(this.folder, file), { verbatimSymlinks: true });
    }
    // Hard links: quick, and no `npm ci` run in the copy can reach the project's own through them.
    execFileSync("cp", ["-al", join(project, "node_modules"), join(this.folder, "node_modules")]);
    execFileSync("touch", [join(this.folder, "node_modules", ".package-lock.json")]);
    this.env = { ...ownEnv(), LAB_NAME: name, LAB_PORT_BASE: String(portBase) };
    const moved = (_: string, offset: string) => String(portBase + Number(offset));
    for (const stack of ["dev", "phoenix"]) {
      const config = `Pulumi.${stack}.yaml`;
      this.write(config, this.read(config).replaceAll(/\b180(\d\d)\b/g, moved));
    }
  }

  /** Runs a command to its end; `input` is its stdin. */
  run(command: string, args: readonly string[], input = ""): Result {
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: this.folder,
      env: this.env,
      encoding: "utf8",
      input,
      maxBuffer: 64 * 1024 * 1024,
    });
    return { code: status ?? 128, stdout, stderr };
  }

  /** Runs a command that must succeed and returns its stdout. */
  must(command: string, args: readonly string[], input = ""): string {
    const { code, stdout, stderr } = this.run(command, args, input);
    if (code !== 0)
      throw new Error(`${command} ${args.join(" ")} ended with ${code}\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** Starts a command in a process group of its own, so that all of it can be killed. */
  start(command: string, args: readonly string[]): ChildProcess {
    return spawn(command, args, {
      cwd: this.folder,
      env: this.env,
      detached: true,
      stdio: "ignore",
    });
  }

  /** Pulumi, on the copy's stack. */
  pulumi(...args: readonly string[]): Result {
    return this.run("toolchain/pulumi", [...args, "--stack", "dev", "--non-interactive"]);
  }

  /** The same, which must end well; what it printed on stdout. */
  mustPulumi(...args: readonly string[]): string {
    return this.must("toolchain/pulumi", [...args, "--stack", "dev", "--non-interactive"]);
  }

  /** Changes a stack's configuration as an editor would. */
  edit(change: (config: StackConfig) => void, stack = "dev"): void {
    const file = join(this.folder, `Pulumi.${stack}.yaml`);
    const config = parse(readFileSync(file, "utf8")) as StackConfig;
    change(config);
    writeFileSync(file, stringify(config, { lineWidth: 0 }));
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), "utf8");
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
