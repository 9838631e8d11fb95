import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ownEnv } from "../support/own-env";
import { pinned } from "../toolchain/sandbox";

const project = join(__dirname, "..", "..");

/** Runs a shell text in namespaces of its own, as root on a machine with a problem. */
function on(script: string, env: NodeJS.ProcessEnv = {}) {
  const started = Date.now();
  const args = ["--mount", "--net", "sh", "-euc", script];
  const { status, stdout, stderr } = spawnSync("unshare", args, {
    cwd: project,
    encoding: "utf8",
    env: { ...ownEnv(), LAB_NAME: "machine", LAB_PORT_BASE: "17900", ...env },
  });
  const seconds = (Date.now() - started) / 1000;
  assert.ok(seconds < 10, `took ${seconds} s`);
  return { code: status, stdout, stderr };
}

/** The message of `make up`, which must end with it before anything else is done. */
function refused(script: string, env: NodeJS.ProcessEnv = {}): string {
  const { code, stdout, stderr } = on(`${script}\nexec make up`, env);
  assert.notEqual(code, 0);
  assert.equal(stdout, "");
  return stderr.replace(/^make: .*\n/gm, "");
}

describe("the check of the machine", function () {
  this.timeout(60_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "proximity-machine-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("accepts this machine within 5 s, and leaves nothing behind", () => {
    const made = () =>
      ["/sys/class/net", "/sys/fs/cgroup", "/sys/fs/cgroup/cpu"].map(
        (path) => spawnSync("ls", [path], { encoding: "utf8" }).stdout,
      );
    const before = made();
    const state = { XDG_STATE_HOME: join(folder, "state") };
    const started = Date.now();
    const { code, stdout, stderr } = on("exec commands/machine.sh lab", state);
    assert.deepEqual([code, stdout, stderr], [0, "", ""]);
    assert.ok(Date.now() - started < 5000);
    assert.deepEqual(made(), before);
    assert.deepEqual(readdirSync(join(state.XDG_STATE_HOME, "proximity-lan", "lab")), []);
  });

  it("reports cgroups that are read-only, as in a container", () => {
    const said = refused(
      "awk '$3 ~ /^cgroup/ { print $2 }' /proc/mounts | while read -r at; do mount -o remount,bind,ro $at; done",
    );
    assert.match(said, /^This machine cannot run the lab:\n/);
    assert.match(
      said,
      /^ {2}- No cgroup can be made in \/sys\/fs\/cgroup\S* \(Read-only file system\)\./m,
    );
    assert.match(said, /^What works here: /m);
  });

  it("reports that no cgroup is mounted", () => {
    assert.match(refused("umount -l /sys/fs/cgroup"), /^ {2}- No cgroup is mounted at \/sys/m);
  });

  it("reports a container's root, which may not create namespaces", () => {
    const said = on("exec setpriv --bounding-set -sys_admin --inh-caps -sys_admin make up").stderr;
    assert.match(
      said,
      /^ {2}- Namespaces cannot be made here \(unshare: .*Operation not permitted\)/m,
    );
    assert.match(said, /^What works here: /m);
  });

  it("reports each feature that the kernel refuses", () => {
    const { stdout } = on(
      "exec setpriv --bounding-set -net_admin --inh-caps -net_admin perl lab/check-kernel.pl",
    );
    const features = ["bridge", "veth", "macvlan", "nftables with NAT"];
    assert.equal(stdout, features.map((name) => `${name}: Operation not permitted\n`).join(""));
  });

  it("reports a port of the lab that is taken, and by whom", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(17906, "127.0.0.1", resolve));
    try {
      const { status, stdout, stderr } = spawnSync("make", ["up"], {
        cwd: project,
        encoding: "utf8",
        env: { ...ownEnv(), LAB_NAME: "machine", LAB_PORT_BASE: "17900" },
      });
      assert.notEqual(status, 0);
      assert.equal(stdout, "");
      assert.match(
        stderr,
        /^This machine cannot run the lab yet:\n {2}- Port 17906 on 127\.0\.0\.1 is taken by \S+ \(process \d+\)\./,
      );
      assert.doesNotMatch(stderr, /What works here/);
    } finally {
      server.close();
    }
  });

  it("reports too little disk, for state and caches", () => {
    const said = refused(`mount -t tmpfs -o size=10m tmpfs ${folder}`, {
      XDG_STATE_HOME: join(folder, "state"),
      XDG_CACHE_HOME: join(folder, "cache"),
    });
    assert.match(said, /^ {2}- \d+ MiB of disk are free for \S+, and 3072 MiB are needed\./m);
  });

  it("reports a file system that takes no overlay", () => {
    // An overlay is not taken as the upper side of another.
    const said = refused(
      `cd ${folder} && mkdir -p lower upper work over && mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work over; cd ${project}`,
      { XDG_STATE_HOME: join(folder, "over") },
    );
    assert.match(said, /^ {2}- An overlay cannot be mounted in \S+ \(.*\)\. Set XDG_STATE_HOME/m);
  });

  it("reports too little memory, as LXC shows a container its own", () => {
    const meminfo = join(folder, "meminfo");
    writeFileSync(meminfo, "MemTotal: 1048576 kB\nMemAvailable: 524288 kB\nSwapFree: 102400 kB\n");
    assert.match(
      refused(`mount --bind ${meminfo} /proc/meminfo`),
      /^ {2}- 612 MiB of memory are free, and 2048 MiB are needed\./m,
    );
  });

  it("asks for Go only where the engine has to be built", () => {
    // This machine's programs but Go, and no toolchain yet; port 9 of loopback has no listener.
    const path = (process.env["PATH"] ?? "").split(":").filter((part) => !/\bgo\b/.test(part));
    const bare = { PATH: path.join(":"), XDG_CACHE_HOME: join(folder, "cache") };
    const said = refused("ip link set lo up", { ...bare, PULUMI_RELEASES: "http://127.0.0.1:9" });
    assert.match(
      said,
      /^This machine cannot run the lab yet:\n {2}- Go is not installed, and 1\.\d+\.\d+ or newer/,
    );
    // The official archive, where it can be reached.
    const machine = process.arch === "arm64" ? "arm64" : "x64";
    writeFileSync(join(folder, `pulumi-v${pinned}-linux-${machine}.tar.gz`), "");
    const { code, stderr } = on("exec commands/machine.sh lab", {
      ...bare,
      PULUMI_RELEASES: `file://${folder}`,
    });
    assert.deepEqual([code, stderr], [0, ""]);
  });
});
