import assert from "node:assert/strict";

import { waitFor } from "../../lab/world/wait";
import {
  assertGone,
  holdsDeleted,
  machineState,
  needRoot,
  ownNamespaces,
  TEMPLATE,
  TestLab,
  tracesOf,
  type Status,
} from "./support/labs";

/** Kills a process at once and waits until it is gone from the lab's view. */
async function kill(lab: TestLab, pid: number, problem: RegExp): Promise<void> {
  process.kill(pid, "SIGKILL");
  await waitFor(`the lab to notice ${problem.source}`, 5000, () =>
    lab.status().problems.some((line) => problem.test(line)),
  );
}

describe("lab up and down", function () {
  this.timeout(900_000);
  let lab: TestLab;
  let machine: string;

  before(function () {
    needRoot(this);
    machine = machineState();
    lab = new TestLab("spec-a", 18400);
    lab.up();
  });
  after(() => {
    lab.end();
  });

  it("boots every host in its own namespaces", () => {
    const { healthy, hosts, server } = lab.status();
    assert.ok(healthy);
    assert.deepEqual(Object.keys(hosts), ["router", "outside", "lan-client", "pve1"]);
    for (const pid of Object.values(hosts)) assert.equal(ownNamespaces(pid).length, 6);
    assert.equal(ownNamespaces(server ?? 0).length, 0);
  });

  it("adds nothing to the machine's interfaces, routes, resolver and mounts", () => {
    assert.equal(machineState(), machine);
  });

  it("leaves a healthy lab alone", () => {
    const was = lab.status();
    assert.match(lab.up(), /is up already/);
    assert.deepEqual(lab.status(), was);
  });

  it("passes stdin, output and the exit code through exec", () => {
    const said = lab.run("exec", ["router", "sh", "-c", "cat; echo oops >&2; exit 7"], "in\n");
    assert.deepEqual(said, { code: 7, stdout: "in\n", stderr: "oops\n" });
  });

  it("says that a host does not exist or is down", () => {
    const { code, stderr } = lab.on("nowhere", "true");
    assert.equal(code, 255);
    assert.match(stderr, /host nowhere of lab spec-a is down or does not exist: run lab up/);
  });

  it("refuses a second lab on the same ports and names the remedy", () => {
    const other = new TestLab("spec-same", 18400);
    const { code, stderr } = other.run("up", ["--port-base", "18400"]);
    other.end();
    assert.equal(code, 1);
    assert.match(stderr, /port 18406 to be free .*choose --port-base/);
    assert.ok(lab.status().healthy);
  });

  it("runs next to another lab, and outlives it", async () => {
    const other = new TestLab("spec-b", 18500);
    other.up();
    const traces = tracesOf(other);
    lab.mustOn("lan-client", "echo a >/tmp/whose");
    assert.equal(other.on("lan-client", "cat", "/tmp/whose").code, 1);
    assert.equal(other.mustOn("lan-client", "curl -sS http://198.51.100.10/"), "192.168.1.50");
    other.must("down");
    await assertGone(other, traces);
    other.end();
    const { healthy, problems } = lab.status();
    assert.ok(healthy, problems.join("; "));
  });

  describe("after a crash", () => {
    let was: Status;
    const running = (): boolean =>
      lab.on("pve1", "pct", "status", "100").stdout === "status: running\n";

    beforeEach(() => {
      was = lab.status();
    });

    it("starts a killed server again and keeps the guests", async () => {
      lab.mustOn(
        "pve1",
        `pct create 100 local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst --storage local-lvm \
          --hostname keep --unprivileged 1 --net0 name=eth0,bridge=vmbr0,ip=manual --start 1`,
      );
      const init = lab.mustOn("pve1", "lxc-info -n 100 -pH");
      await kill(lab, was.server ?? 0, /server does not answer/);
      const { code, stderr } = lab.on("pve1", "pct", "status", "100");
      assert.equal(code, 255);
      assert.match(stderr, /the lab's API server does not answer/);
      lab.up();
      assert.ok(running());
      assert.equal(lab.mustOn("pve1", "lxc-info -n 100 -pH"), init);
      assert.deepEqual(lab.status().hosts, was.hosts);
    });

    it("starts a killed sshd again, and nothing else", async () => {
      const sshd = lab.mustOn("pve1", "pgrep -xo sshd");
      lab.mustOn("pve1", `kill -9 ${sshd}`);
      await waitFor("sshd to be missed", 5000, () =>
        lab.status().problems.includes("sshd on pve1 does not serve"),
      );
      assert.match(lab.up(), /Repair: sshd on pve1 does not serve/);
      assert.deepEqual(lab.status(), was);
    });

    it("boots a node again that lost its power, with its guests' files and without its guests", async () => {
      lab.mustOn("pve1", "pct exec 100 -- sh -c 'echo kept >/root/kept; sync'");
      await kill(lab, was.hosts["pve1"] ?? 0, /host pve1 is down/);
      lab.up();
      assert.equal(running(), false);
      lab.mustOn("pve1", "pct start 100");
      assert.equal(lab.mustOn("pve1", "pct exec 100 -- cat /root/kept"), "kept");
      assert.equal(
        lab.mustOn("lan-client", "curl -sSk https://192.168.1.10:8006/ -o /dev/null -w ok"),
        "ok",
      );
    });

    it("replaces a router that died: its cables come back", async () => {
      await kill(lab, was.hosts["router"] ?? 0, /host router is down/);
      assert.notEqual(lab.on("lan-client", "ping", "-c1", "-W1", "198.51.100.10").code, 0);
      lab.up();
      assert.equal(lab.mustOn("lan-client", "curl -sS http://198.51.100.10/"), "192.168.1.50");
      assert.equal(lab.mustOn("pve1", "curl -sS http://198.51.100.10/"), "192.168.1.10");
      assert.equal(
        lab.mustOn("pve1", "bridge link show dev veth100i0 | grep -o 'master vmbr0'"),
        "master vmbr0",
      );
    });

    it("leaves nothing behind on down, whatever was killed before", async () => {
      const traces = tracesOf(lab);
      process.kill(was.server ?? 0, "SIGKILL");
      process.kill(was.hosts["pve1"] ?? 0, "SIGKILL");
      process.kill(was.hosts["outside"] ?? 0, "SIGKILL");
      lab.must("down");
      await assertGone(lab, traces);
      assert.equal(machineState(), machine);
      assert.match(lab.must("down"), /was not there/);
    });
  });

  describe("lab down", () => {
    const guest = "--unprivileged 1 --net0 name=eth0,bridge=vmbr0,ip=manual,firewall=1 --start 1";
    const crashes: readonly (readonly [string, () => void])[] = [
      ["the lab's server", () => process.kill(lab.status().server ?? 0, "SIGKILL")],
      ["a container's init", () => lab.mustOn("pve1", "kill -9 $(lxc-info -n 100 -pH)")],
      ["sshd", () => lab.mustOn("pve1", "kill -9 $(pgrep -xo sshd)")],
    ];
    for (const [what, crash] of crashes) {
      it(`leaves no process, mount, namespace, file or disk after a SIGKILL of ${what}`, async () => {
        lab.up();
        lab.mustOn("pve1", `pct create 100 ${TEMPLATE} --storage local-lvm ${guest}`);
        const traces = tracesOf(lab);
        const disks = lab.loopDevices();
        assert.equal(disks.length, 1);
        crash();
        lab.must("down");
        await assertGone(lab, traces);
        assert.equal(machineState(), machine);
        await waitFor("the disk's device to be free", 5000, () => !disks.some(holdsDeleted));
      });
    }
  });
});
