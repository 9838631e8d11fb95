import { type ChildProcess, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

const project = join(__dirname, "../..");
const stubs = join(__dirname, "stubs");

/** How a command ended. */
export interface Ended {
  readonly status: number | null;
  readonly output: string;
}

/** The version of pulumi that the project pins (toolchain/cli/go.mod). */
export const pinned = (() => {
  const found = /pulumi\/pkg\/v3 v([0-9.]+)/.exec(
    readFileSync(join(project, "toolchain/cli/go.mod"), "utf8"),
  );
  if (found?.[1] === undefined) throw new Error("toolchain/cli/go.mod pins no version of pulumi");
  return found[1];
})();

/** An own cache and a PATH with a stub of Go, in which toolchain/get.sh runs in a moment. */
export class Sandbox {
  readonly folder = mkdtempSync(join(tmpdir(), "toolchain-test-"));
  readonly faults = join(this.folder, "faults");
  readonly extraPath = join(this.folder, "extra");
  private readonly log = join(this.folder, "go.log");
  private readonly started: ChildProcess[] = [];
  /** Where the official archives are looked for; port 9 of loopback answers nobody. */
  releases = "http://127.0.0.1:9";

  constructor() {
    mkdirSync(this.faults);
    mkdirSync(this.extraPath);
  }

  /** The variables in which the scripts run. */
  get env(): Record<string, string> {
    return {
      HOME: this.folder,
      XDG_CACHE_HOME: join(this.folder, "cache"),
      PATH: [this.extraPath, stubs, "/usr/bin", "/bin"].join(delimiter),
      PULUMI_RELEASES: this.releases,
      GO_LOG: this.log,
      GO_BREAK: this.faults,
      STUB_PULUMI: join(stubs, "pulumi.sh"),
      STUB_VERSION: pinned,
    };
  }

  /** Puts a pulumi on PATH, in front; its version is what STUB_VERSION says. */
  putPulumiOnPath(): void {
    cpSync(join(stubs, "pulumi.sh"), join(this.extraPath, "pulumi"));
  }

  /** Starts a script of toolchain/ in a process group of its own. */
  start(script: string, args: readonly string[] = [], more: Record<string, string> = {}): Running {
    const child = spawn(resolve(project, "toolchain", script), args, {
      env: { ...this.env, ...more },
      cwd: this.folder,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.started.push(child);
    return new Running(child);
  }

  /** Runs a script of toolchain/ to its end. */
  run(
    script: string,
    args: readonly string[] = [],
    more: Record<string, string> = {},
  ): Promise<Ended> {
    return this.start(script, args, more).ended;
  }

  /** How often the stub was called so, for instance "go build". */
  calls(line: string): number {
    if (!existsSync(this.log)) return 0;
    return readFileSync(this.log, "utf8")
      .split("\n")
      .filter((l) => l === line).length;
  }

  /** What is in the cache: finished toolchains, and whatever a run left behind. */
  cached(): string[] {
    const cache = join(this.folder, "cache/proximity-lan/toolchain");
    return existsSync(cache)
      ? readdirSync(cache).filter((name) => !["lock", "parts"].includes(name))
      : [];
  }

  /** Ends what still runs and removes all files. */
  remove(): void {
    for (const child of this.started) kill(child);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A script that was started. */
export class Running {
  readonly ended: Promise<Ended>;
  output = "";

  constructor(private readonly child: ChildProcess) {
    const add = (data: Buffer) => (this.output += data.toString());
    child.stdout?.on("data", add);
    child.stderr?.on("data", add);
    this.ended = new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (status) => {
        resolve({ status, output: this.output });
      });
    });
  }

  /** Kills the script and everything it started, as when the machine is switched off. */
  kill(): void {
    kill(this.child);
  }
}

function kill(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-child.pid, "SIGKILL");
}
