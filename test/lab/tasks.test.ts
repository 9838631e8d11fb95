import assert from "node:assert/strict";

import { KeyedLock } from "../../lab/guest/keyed-lock";
import { Tasks } from "../../lab/server/tasks";
import { list, record } from "./support/client";
import { container, startMemoryLab } from "./support/memory-lab";

const identity = { node: "pve1", type: "test", id: "100", user: "root@pam" };

describe("tasks", () => {
  it("end with OK, with warnings, or with what went wrong", async () => {
    const tasks = new Tasks(0);
    const fine = tasks.start(identity, async (log) => {
      log.line("one\ntwo");
      await Promise.resolve();
    });
    const warned = tasks.start(identity, async (log) => {
      log.warn("careful");
      await Promise.resolve();
    });
    const failed = tasks.start(identity, () => Promise.reject(new Error("disk full\n")));
    assert.equal((await tasks.finished(fine)).exitstatus, "OK");
    assert.deepEqual(tasks.find(fine).lines, ["one", "two", "TASK OK"]);
    assert.equal((await tasks.finished(warned)).exitstatus, "WARNINGS: 1");
    assert.deepEqual(tasks.find(warned).lines[0], "WARN: careful");
    assert.equal((await tasks.finished(failed)).exitstatus, "disk full");
    assert.deepEqual(tasks.find(failed).lines, ["TASK ERROR: disk full"]);
    assert.equal(new Set([fine, warned, failed]).size, 3);
  });

  it("run for at least the time that was asked for", async () => {
    const { client, lab } = await startMemoryLab({ taskDelayMs: 200 });
    try {
      const { data } = await client.call("POST", "/nodes/pve1/lxc", container(100));
      const path = `/nodes/pve1/tasks/${encodeURIComponent(String(data))}`;
      const running = record((await client.call("GET", `${path}/status`)).data);
      assert.equal(running["status"], "running");
      assert.equal(running["exitstatus"], undefined);
      assert.equal(typeof running["pid"], "number");
      // While it is created the guest answers, or the provider would wait for ever.
      assert.equal((await client.call("GET", "/nodes/pve1/lxc/100/status/current")).status, 200);
      assert.equal(await client.task(data), "OK");
      const log = list((await client.call("GET", `${path}/log`)).data).map(record);
      assert.deepEqual(log[0], {
        n: 1,
        t: "extracting archive 'local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst'",
      });
      const mine = await client.call("GET", "/nodes/pve1/tasks", { limit: "1" });
      assert.equal(record(list(mine.data)[0])["status"], "OK");
    } finally {
      await lab.close();
    }
  });

  it("are unknown under another UPID", async () => {
    const { client, lab } = await startMemoryLab();
    try {
      const upid = encodeURIComponent("UPID:pve1:00000001:00000001:00000001:vzstart:100:root@pam:");
      const answer = await client.call("GET", `/nodes/pve1/tasks/${upid}/status`);
      assert.equal(answer.status, 400);
    } finally {
      await lab.close();
    }
  });
});

describe("lock per guest", () => {
  it("lets one operation run at a time, in the order of their coming", async () => {
    const lock = new KeyedLock(1000);
    const order: string[] = [];
    const work = (name: string) => () =>
      new Promise<void>((resolve) => {
        order.push(`${name} starts`);
        setTimeout(() => {
          order.push(`${name} ends`);
          resolve();
        }, 5);
      });
    await Promise.all([
      lock.run("100", work("a")),
      lock.run("100", work("b")),
      lock.run("101", work("c")),
    ]);
    assert.ok(order.indexOf("a ends") < order.indexOf("b starts"));
    assert.ok(order.indexOf("c starts") < order.indexOf("a ends"));
  });

  it("gives up after its time in Proxmox's words, and lets the next one in", async () => {
    const lock = new KeyedLock(20);
    let release: () => void = () => undefined;
    const first = lock.run(
      "/run/lock/x",
      () => new Promise<void>((resolve) => (release = resolve)),
    );
    await assert.rejects(
      lock.run("/run/lock/x", () => Promise.resolve()),
      /^Error: can't lock file '\/run\/lock\/x' - got timeout$/,
    );
    release();
    await first;
    assert.equal(await lock.run("/run/lock/x", () => Promise.resolve("in")), "in");
  });

  it("creates a container once when two ask for the same id at the same time", async () => {
    const { client, lab, backend } = await startMemoryLab();
    try {
      const answers = await Promise.all(
        [1, 2, 3].map(() => client.call("POST", "/nodes/pve1/lxc", container(100))),
      );
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 500, 500]);
      const winner = answers.find(({ status }) => status === 200);
      assert.equal(await client.task(winner?.data), "OK");
      assert.equal((await backend.volumes("pve1", "local-lvm")).length, 1);
    } finally {
      await lab.close();
    }
  });
});
