import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

import { checkout, guests, initialState, mustOn, nodeState, on, site } from "../support/world";

const up = () => checkout().run("make", ["up"]);
const mustUp = () => checkout().must("make", ["up"]);
const recover = () => checkout().run("make", ["recover"]);
const fault = (...words: readonly string[]) => checkout().must("lab/lab", ["fault", ...words]);
const conf = (vmid: number) => `/etc/pve/nodes/pve1/lxc/${vmid}.conf`;
const state = ".state/.pulumi/stacks/proximity-lan/dev.json";

/** Apps on the LAN, which need no appliance, by VMID; each name has its number. */
function declare(vmids: readonly number[], memory = 128): void {
  site((whole) => {
    whole["apps"] = Object.fromEntries(
      vmids.map((vmid) => [`app-${vmid}`, { vmid, memory, network: "direct" }]),
    );
  });
}

/** The memory that is in force and none that waits for a restart, in MiB. */
function memoryOf(vmid: number): string {
  assert.doesNotMatch(mustOn("pve1", `cat ${conf(vmid)}`), /pve:pending/);
  return mustOn("pve1", `pct config ${vmid} | sed -n 's/^memory: //p'`);
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const limit = Date.now() + 120_000;
  while (!holds()) {
    assert.ok(Date.now() < limit, `waited 120 s for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The lines that `make` and the engine print after everything else count as one with the last of ours. */
function lastWords(text: string): string {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("make: "));
  return lines.at(-1) ?? "";
}

/** Plugins of Pulumi that work in the copy of the project. */
function plugins(): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const program = readlinkSync(`/proc/${pid}/exe`).split("/").at(-1) ?? "";
        const folder = readlinkSync(`/proc/${pid}/cwd`);
        return folder === checkout().folder && program.startsWith("pulumi") ? [program] : [];
      } catch {
        return []; // Gone meanwhile.
      }
    });
}

/** Who holds the lock of the stack. */
function lockHolder(): number | undefined {
  const folder = join(checkout().folder, ".state/.pulumi/locks/organization/proximity-lan/dev");
  try {
    const [name] = readdirSync(folder).filter((one) => one.endsWith(".json"));
    if (name === undefined) return undefined;
    return (JSON.parse(readFileSync(join(folder, name), "utf8")) as { pid: number }).pid;
  } catch {
    return undefined;
  }
}

describe("an update whose Pulumi is killed while a container is being created", () => {
  before(() => {
    declare([104]);
    mustUp();
  });

  it("is left alone by `make recover` while it runs, and brought back after that", async () => {
    declare([104, 105]);
    fault("task", "vzcreate 105", "delay", "60000", "--times", "1");
    const running = checkout().start("make", ["up"]);
    const ended = once(running, "exit");
    await until("the creation of 105", () => on("pve1", `test -e ${conf(105)}`).code === 0);
    const pid = lockHolder() ?? assert.fail("nobody holds the lock");
    const refused = recover();
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, new RegExp(`still runs \\(process ${pid}\\).*kill ${pid}`));
    assert.equal(lockHolder(), pid);
    process.kill(pid, "SIGKILL");
    await ended;
    assert.notDeepEqual(plugins(), []);

    const { code, stderr } = up();
    assert.notEqual(code, 0);
    assert.match(lastWords(stderr), /make recover STACK=dev, then make up STACK=dev/);
    const recovered = recover();
    assert.equal(recovered.code, 0, recovered.stderr);
    assert.match(recovered.stderr, /container 105 is still being created; waiting for it/);
    assert.match(recovered.stderr, /app-105: taken over as pve1\/105/);
    assert.deepEqual(plugins(), []);
    mustUp();
    assert.equal(guests(), "104 105");
  });
});

describe("a container that is half created", () => {
  const create = (vmid: number) => {
    fault("task", `vzcreate ${vmid}`, "die", "--times", "1");
    declare([104, 105, vmid]);
    assert.notEqual(up().code, 0);
    assert.equal(mustOn("pve1", `cat ${conf(vmid)}`), "lock: create");
  };

  it("is removed and created again by the next update", () => {
    create(106);
    const { code, stdout, stderr } = up();
    assert.equal(code, 0, stdout + stderr);
    assert.match(stderr, /the creation of container 106 was cut off; what it left is removed/);
    assert.equal(guests(), "104 105 106");
    assert.equal(mustOn("pve1", "pct status 106"), "status: running");
  });

  it("stays when somebody else creates it, and its VMID is refused", () => {
    mustOn("pve1", `printf 'lock: create\\n' >${conf(107)}`);
    declare([104, 105, 106, 107]);
    const { code, stdout, stderr } = up();
    assert.notEqual(code, 0);
    assert.match(stderr, /container 107 on pve1 is being created, or was, by somebody else/);
    assert.match(stdout, /apps\.app-107\.vmid: 107 is taken by "CT107" on pve1/);
    assert.equal(mustOn("pve1", `cat ${conf(107)}; rm ${conf(107)}`), "lock: create");
    declare([104, 105, 106]);
  });
});

describe("files of the state that a kill left empty", () => {
  for (const file of [`${state}.attrs`, state])
    it(`are repaired by make recover: ${file}`, () => {
      checkout().write(file, "");
      const { code, stderr } = up();
      assert.notEqual(code, 0);
      assert.match(lastWords(stderr), /make recover STACK=dev, then make up STACK=dev/);
      const recovered = recover();
      assert.equal(recovered.code, 0, recovered.stderr);
      mustUp();
      assert.equal(guests(), "104 105 106");
    });
});

describe("an update", () => {
  it("creates a container again that somebody destroyed", () => {
    mustOn("pve1", "pct stop 105; pct destroy 105");
    const { code, stdout } = checkout().pulumi("up", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    assert.match(stdout, /container 105 \(app-105\) is in the state, but not on the node.*make up/);
    mustUp();
    assert.equal(mustOn("pve1", "pct status 105"), "status: running");
  });

  it("applies what an earlier one was refused because of a backup", () => {
    mustOn("pve1", `sed -i '/^memory/i lock: backup' ${conf(104)}`);
    declare([104, 105, 106], 144);
    const refused = up();
    assert.notEqual(refused.code, 0);
    assert.match(refused.stdout, /Container 104 \(app-104\) is locked \(backup\)/);
    mustOn("pve1", `sed -i '/^lock:/d' ${conf(104)}`);
    mustUp();
    assert.equal(memoryOf(104), "144");
  });

  it("does not end well while it applied nothing, without make", () => {
    mustOn("pve1", `sed -i '/^memory/i lock: backup' ${conf(104)}`);
    declare([104, 105, 106], 160);
    const plain = () => checkout().pulumi("up", "--yes", "--skip-preview");
    assert.notEqual(plain().code, 0);
    mustOn("pve1", `sed -i '/^lock:/d' ${conf(104)}`);
    const { code, stdout } = plain();
    assert.notEqual(code, 0);
    assert.match(
      stdout,
      /container 104 \(app-104\) is not as declared: memory is .*, declared 160/,
    );
    assert.equal(plain().code, 0);
    assert.equal(memoryOf(104), "160");
  });

  it("applies a changed declaration after the state was lost", () => {
    declare([104, 105, 106], 176);
    checkout().must("rm", ["-rf", ".state"]);
    const { code, stdout, stderr } = up();
    assert.equal(code, 0, stdout + stderr);
    assert.match(stderr, /Containers 104, 105, 106 are taken over/);
    assert.deepEqual([104, 105, 106].map(memoryOf), ["176", "176", "176"]);
  });
});

describe("make destroy", () => {
  it("is ended by another one when it was killed, and leaves nothing", async () => {
    fault("task", "vzdestroy 104", "delay", "3000", "--times", "1");
    const running = checkout().start("make", ["destroy"]);
    assert.ok(running.pid !== undefined);
    const ended = once(running, "exit");
    await until("a container is gone", () => on("pve1", `test -e ${conf(105)}`).code !== 0);
    process.kill(-running.pid, "SIGKILL");
    await ended;
    assert.equal(recover().code, 0);
    // Of this one, nothing but Proxmox's lock is there.
    checkout().must("make", ["destroy"]);
    assert.equal(nodeState(), initialState());
  });

  it("removes what a creation that was cut off has left", () => {
    declare([104]);
    fault("task", "vzcreate 104", "die", "--times", "1");
    assert.notEqual(up().code, 0);
    checkout().must("make", ["destroy"]);
    assert.equal(nodeState(), initialState());
  });
});
