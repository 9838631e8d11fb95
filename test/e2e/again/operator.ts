/**
 * An operator as a laptop has one: a user without root, whose PATH has Node, npm, git, make, Pulumi and the
 * basic commands of any system, and whose checkout is their own.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { installedToolchain } from "../../toolchain/installed";
import { Checkout, type Result } from "../support/checkout";

const nobody = 65534;

/** Packages of Debian whose commands every system has by some name. */
const basic = ["coreutils", "bash", "dash", "sed", "grep", "findutils"];
const programs = ["node", "npm", "git", "make", "awk"];

/** The operator; everything of theirs goes with `remove`. */
export class Operator {
  readonly checkout = new Checkout();
  private readonly home = mkdtempSync(join(tmpdir(), "proximity-operator-"));
  private readonly bin = join(this.home, "bin");

  constructor() {
    this.placePulumi();
    this.placePrograms();
    chmodSync(this.checkout.folder, 0o755);
    // Of the packages, whose files are the project's own by hard links, no owner changes.
    const modules = join(this.checkout.folder, "node_modules");
    const own = [
      "-path",
      modules,
      "-prune",
      "-o",
      "-exec",
      "chown",
      "-h",
      `${nobody}:${nobody}`,
      "{}",
      "+",
    ];
    execFileSync("find", [this.checkout.folder, this.home, ...own]);
  }

  /** Where the official installer puts Pulumi, with its plugins. */
  private placePulumi(): void {
    const { folder } = installedToolchain() ?? {};
    if (folder === undefined) throw new Error("the toolchain is not there: make tools");
    const target = join(this.home, ".pulumi");
    mkdirSync(target);
    for (const part of ["bin", "lib", "home/plugins"].map((path) => join(folder, path)))
      if (existsSync(part)) execFileSync("cp", ["-RL", part, join(target, basename(part))]);
  }

  private placePrograms(): void {
    mkdirSync(this.bin);
    const listed = execFileSync("dpkg", ["-L", ...basic], { encoding: "utf8" }).split("\n");
    const paths = listed.filter((path) => /^(\/usr)?\/bin\/[^/]+$/.test(path));
    const others = programs.map((program) =>
      execFileSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).trim(),
    );
    for (const path of [...paths, ...others]) {
      const link = join(this.bin, basename(path));
      if (!existsSync(link)) symlinkSync(path, link);
    }
  }

  /** Writes a file of the checkout as this user. */
  write(path: string, text: string): void {
    this.must("tee", [path], text);
  }

  /** Runs a command as this user; `input` is its stdin. */
  run(command: string, args: readonly string[], input = ""): Result {
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: this.checkout.folder,
      uid: nobody,
      gid: nobody,
      env: {
        HOME: this.home,
        // Pulumi takes the home of /etc/passwd for it otherwise, and nobody has none.
        PULUMI_HOME: join(this.home, ".pulumi"),
        PATH: `${this.bin}:${join(this.home, ".pulumi", "bin")}`,
        PULUMI_CONFIG_PASSPHRASE: "a passphrase of their own",
      },
      encoding: "utf8",
      input,
      maxBuffer: 64 * 1024 * 1024,
    });
    return { code: status ?? 128, stdout, stderr };
  }

  /** The same, which must succeed; what it printed on stdout. */
  must(command: string, args: readonly string[], input = ""): string {
    const { code, stdout, stderr } = this.run(command, args, input);
    if (code !== 0)
      throw new Error(`${command} ${args.join(" ")} ended with ${code}\n${stdout}\n${stderr}`);
    return stdout;
  }

  remove(): void {
    this.checkout.remove();
    rmSync(this.home, { recursive: true, force: true });
  }
}
