/** Labs of the tests' own: apart from a person's by folder, name and ports, with the shared cache. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { waitFor } from "../../../lab/world/wait";

const LAB = path.resolve(__dirname, "../../../lab/lab");

/** Exit code and streams of a command. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `lab status --json` prints, as far as tests look at it. */
export interface Status {
  readonly healthy: boolean;
  readonly problems: readonly string[];
  readonly api: string;
  readonly ssh: { readonly port: number; readonly hostKey: string };
  readonly server: number | null;
  readonly hosts: Readonly<Record<string, number>>;
  readonly folder: string;
}

/** One lab, by its command line. */
export class TestLab {
  constructor(
    readonly name: string,
    readonly portBase: number,
    readonly stateHome = mkdtempSync(path.join(tmpdir(), "lab-spec-")),
  ) {}

  /** Runs `lab COMMAND …` for this lab. */
  run(command: string, args: readonly string[] = [], input = ""): Said {
    const { status, stdout, stderr } = spawnSync(LAB, [command, "--name", this.name, ...args], {
      input,
      encoding: "utf8",
      // The state of a whole node, a line for each of its files.
      maxBuffer: 64 * 1024 * 1024,
      // A person's own lab has nothing to do with these.
      env: {
        ...process.env,
        XDG_STATE_HOME: this.stateHome,
        LAB_NAME: "",
        LAB_PORT_BASE: undefined,
      },
    });
    return { code: status ?? -1, stdout, stderr };
  }

  /** The same, which must succeed; its stdout. */
  must(command: string, args: readonly string[] = [], input = ""): string {
    const { code, stdout, stderr } = this.run(command, args, input);
    assert.equal(code, 0, `lab ${command} ${args.join(" ")}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** Brings the lab up; one that does not come up is taken away again. */
  up(...options: readonly string[]): string {
    try {
      return this.must("up", ["--port-base", String(this.portBase), ...options]);
    } catch (error) {
      this.run("down");
      throw error;
    }
  }

  /** Ends the lab and removes its state folder. */
  end(): void {
    this.must("down");
    rmSync(this.stateHome, { recursive: true });
  }

  /** The machine's loop devices that hold disks of a node's guests. */
  loopDevices(node = "pve1"): readonly string[] {
    const mounts = this.mustOn(node, "cat /proc/mounts");
    return [...mounts.matchAll(/^\/dev\/(loop\d+) \S*pve-lab\S* /gm)].map(([, name = ""]) => name);
  }

  status(): Status {
    return JSON.parse(this.run("status", ["--json"]).stdout) as Status;
  }

  /** Runs a command on a host; its result. */
  on(host: string, ...command: readonly string[]): Said {
    return this.run("exec", [host, ...command]);
  }

  /** Runs a shell text on a host that must succeed; its stdout, trimmed. */
  mustOn(host: string, script: string): string {
    return this.must("exec", [host, "sh", "-s"], script).trim();
  }
}

/** A template that every node has. */
export const TEMPLATE = "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst";

/** Ends the test file with a reason when not root: namespaces need it. */
export function needRoot(context: Mocha.Context): void {
  if (process.getuid?.() === 0) return;
  console.log("skipped: the lab's world needs root (namespaces and mounts)");
  context.skip();
}

/** What of the machine a lab must leave alone: its interfaces, addresses, routes and mounts. */
export function machineState(): string {
  const names = readFileSync("/proc/net/dev", "utf8").replace(/:.*$/gm, "");
  const files = ["/proc/net/route", "/proc/net/if_inet6", "/proc/net/fib_trie", "/etc/resolv.conf"];
  const mounts = readFileSync("/proc/self/mountinfo", "utf8");
  return [names, mounts, ...files.map((file) => readFileSync(file, "utf8"))].join("\n");
}

const NAMESPACES = ["net", "mnt", "pid", "uts", "ipc", "cgroup"];

/** Names of the namespaces that a process is in and this process is not. */
export function ownNamespaces(pid: number): readonly string[] {
  return NAMESPACES.map((kind) => `ns/${kind}`)
    .filter((kind) => readlinkSync(`/proc/${pid}/${kind}`) !== readlinkSync(`/proc/self/${kind}`))
    .map((kind) => readlinkSync(`/proc/${pid}/${kind}`));
}

/** Ids of processes in one of the namespaces; zombies, which are in none any more, do not count. */
export function processesInNamespaces(names: readonly string[]): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) =>
      NAMESPACES.some((kind) => {
        try {
          return names.includes(readlinkSync(`/proc/${pid}/ns/${kind}`));
        } catch {
          return false; // ended meanwhile, or a zombie
        }
      }),
    );
}

/** A process as a person would look for it. */
function commandOf(pid: string): string {
  try {
    return `${pid} ${readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")}`;
  } catch {
    return `${pid}, ended meanwhile`;
  }
}

/** Everything a lab leaves: nothing may be left of any kind. */
export async function assertGone(
  lab: TestLab,
  traces: { readonly namespaces: readonly string[]; readonly cgroups: readonly string[] },
): Promise<void> {
  // Namespaces go once the kernel has reaped the last process, which down need not wait for.
  const left = () => processesInNamespaces(traces.namespaces);
  await waitFor("namespaces to be gone", 30_000, () => left().length === 0).catch(() => {
    assert.deepEqual(left().map(commandOf), [], "processes are left in the lab's namespaces");
  });
  const labs = path.join(lab.stateHome, "proximity-lan", "lab");
  assert.deepEqual(readdirSync(labs), [], "files are left");
  const cgroups = traces.cgroups.filter((cgroup) => {
    try {
      return readdirSync(cgroup).length > 0;
    } catch {
      return false;
    }
  });
  assert.deepEqual(cgroups, [], "cgroups are left");
}

/** True when a loop device still holds a file that is gone. */
export function holdsDeleted(device: string): boolean {
  const file = `/sys/block/${device}/loop/backing_file`;
  return existsSync(file) && readFileSync(file, "utf8").includes("(deleted)");
}

/** What a running lab has that must be gone after it. */
export function tracesOf(lab: TestLab): {
  readonly namespaces: readonly string[];
  readonly cgroups: readonly string[];
} {
  const { hosts, folder } = lab.status();
  const pids = Object.values(hosts);
  const lists = Object.keys(hosts).map((host) => path.join(folder, "hosts", host, "cgroups"));
  return {
    namespaces: pids.flatMap(ownNamespaces),
    cgroups: lists.flatMap((file) => readFileSync(file, "utf8").trim().split("\n")),
  };
}
