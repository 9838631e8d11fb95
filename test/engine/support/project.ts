/** A copy of the project with a state of its own, previewed by the real engine against the memory lab. */
import { execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { parse, stringify } from "yaml";

import { ownEnv } from "../../support/own-env";
import { withHostKeys } from "../../support/sites";

const root = join(__dirname, "..", "..", "..");

/** How a command ended, and what it printed on both streams. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** What a stack file holds, as far as the tests change it. */
export interface StackFile {
  config: Record<string, unknown>;
}

/** One line of one file, as an editor or a mistake changes it. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** The copy; everything in it goes with `remove`. */
export class ProjectCopy {
  readonly folder = mkdtempSync(join(tmpdir(), "proximity-engine-"));
  readonly env: NodeJS.ProcessEnv = { ...ownEnv(), PULUMI_CONFIG_PASSPHRASE: "lab", NO_COLOR: "1" };

  /** Without the tests, the lab and the documents, unless the `whole` project is asked for. */
  constructor({ whole }: { readonly whole?: boolean } = {}) {
    const tracked = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root });
    const wanted = tracked
      .toString()
      .trim()
      .split("\n")
      .filter((path) => whole || !/^(test\/(?!nginx\/get)|lab\/|docs\/)/.test(path));
    for (const path of wanted) {
      mkdirSync(join(this.folder, dirname(path)), { recursive: true });
      cpSync(join(root, path), join(this.folder, path), { verbatimSymlinks: true });
    }
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
    // Older than what is installed, so that no make target installs anew, through the link.
    utimesSync(join(this.folder, "package-lock.json"), 0, 0);
    mkdirSync(join(this.folder, ".state"));
  }

  /** From now on uses the packages of another `node_modules`, and the `node` of a folder. */
  usePackages(modules: string, nodeFolder: string): void {
    rmSync(join(this.folder, "node_modules"));
    symlinkSync(modules, join(this.folder, "node_modules"));
    this.env["PATH"] = `${nodeFolder}:${ownEnv()["PATH"] ?? ""}`;
  }

  /** Makes the stack `dev` from a stack file, with the memory lab in place of its node. */
  async useStack(file: string, port: number): Promise<void> {
    const stack = parse(withHostKeys(readFileSync(join(root, file), "utf8"))) as StackFile;
    const dev = parse(readFileSync(join(root, "Pulumi.dev.yaml"), "utf8")) as StackFile;
    const site = stack.config["proximity-lan:site"] as { node: Record<string, unknown> };
    // The lab's node has one name; the rest of the example stays as it is.
    if (site.node["name"] !== "auto") site.node["name"] = "pve1";
    stack.config = {
      ...dev.config,
      "proxmoxve:endpoint": `https://127.0.0.1:${port}`,
      "proximity-lan:site": site,
      // The memory lab has no SSH to look by.
      "proximity-lan:watch": "false",
    };
    this.write("Pulumi.dev.yaml", stringify({ ...dev, ...stack }, { lineWidth: 0 }));
    await this.must("toolchain/pulumi", ["stack", "select", "--create", "dev"]);
  }

  /** Makes the edit, which must change one line; gives back how to take it away again. */
  edit({ file, from, to }: Edit): () => void {
    const before = this.read(file);
    if (before.split(from).length !== 2)
      throw new Error(`${file} has "${from}" ${before.split(from).length - 1} times, not once`);
    this.write(file, before.replace(from, to));
    return () => {
      this.write(file, before);
    };
  }

  /** Runs a command to its end. */
  async run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const child = spawn(command, args, { cwd: this.folder, env: { ...this.env, ...env } });
    let output = "";
    const collect = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (status) => {
        resolve(status ?? 128);
      });
    });
    return { code, output };
  }

  /** Runs a command that must succeed. */
  async must(command: string, args: readonly string[]): Promise<string> {
    const { code, output } = await this.run(command, args);
    if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output}`);
    return output;
  }

  /** `pulumi preview` with the pack. */
  preview(...flags: readonly string[]): Promise<Ended> {
    const pack = ["--policy-pack", "policies/launch"];
    return this.run("toolchain/pulumi", ["preview", "--non-interactive", ...pack, ...flags]);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), "utf8");
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text);
  }

  /** Writes a program, such as a stand-in for one on PATH. */
  writeProgram(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text, { mode: 0o755 });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
