/** docs/proxmox/provider-calls.md 1.4, row by row: tasks. */
import assert from "node:assert/strict";

import { list, record } from "../support/client";
import { container, HeldBackend, startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

const LXC = "/nodes/pve1/lxc";

describeEachVersion("docs/proxmox/provider-calls.md 1.4", (version) => {
  let memory: MemoryLab;
  let client: MemoryLab["client"];
  let backend: HeldBackend;
  beforeEach(async () => {
    backend = new HeldBackend();
    memory = await startMemoryLab({ version, backend });
    ({ client } = memory);
  });
  afterEach(async () => memory.lab.close());

  it("1.4 row 1: a UPID has eight parts, three of them hexadecimal", async () => {
    backend.release();
    const { data } = await client.call("POST", LXC, container(100));
    const parts = String(data).split(":");
    assert.deepEqual([parts.length, parts[0], parts[1], parts[5]], [9, "UPID", "pve1", "vzcreate"]);
    for (const part of parts.slice(2, 5)) assert.match(part, /^[0-9A-F]+$/);
    assert.equal(parts[7], "root@pam!lab");
    await client.task(data);
  });

  it("1.4 row 2; 1.4 row 3: a task is asked for at its node; it runs, then has an exit status", async () => {
    const { data } = await client.call("POST", LXC, container(100));
    const path = `/nodes/pve1/tasks/${encodeURIComponent(String(data))}/status`;
    const during = record((await client.call("GET", path)).data);
    backend.release();
    assert.deepEqual([during["status"], during["exitstatus"]], ["running", undefined]);
    assert.equal(typeof during["pid"], "number");
    assert.equal(await client.task(data), "OK");
    const after = record((await client.call("GET", path)).data);
    assert.deepEqual([after["status"], after["exitstatus"]], ["stopped", "OK"]);
  });

  it("1.4 row 4; 1.4 row 6: OK, warnings and failures are told apart, and the log has the words", async () => {
    backend.release();
    await client.run("POST", LXC, container(100, { start: "1" }));
    const forced = await client.call("DELETE", `${LXC}/100`, { force: "1" });
    assert.equal(await client.task(forced.data), "WARNINGS: 1");
    const log = async (upid: unknown) =>
      list(
        (await client.call("GET", `/nodes/pve1/tasks/${encodeURIComponent(String(upid))}/log`))
          .data,
      ).map(record);
    const lines = await log(forced.data);
    assert.deepEqual(
      lines.map(({ n }) => n),
      lines.map((_, at) => at + 1),
    );
    assert.ok(lines.some(({ t }) => /^WARN: /.test(String(t))));
    const template = "local:vztmpl/none.tar.zst";
    const failed = await client.call("POST", LXC, container(101, { ostemplate: template }));
    assert.match(await client.task(failed.data), /^unable to create CT 101 - .*does not exist/);
    assert.ok((await log(failed.data)).some(({ t }) => /^TASK ERROR: /.test(String(t))));
  });

  it("1.4 row 5: an unknown task is a 400, which the provider repeats", async () => {
    backend.release();
    const upid = "UPID:pve1:00000001:00000001:66000000:vzcreate:100:root@pam:";
    const answer = await client.call("GET", `/nodes/pve1/tasks/${encodeURIComponent(upid)}/status`);
    assert.equal(answer.status, 400);
  });

  it("1.4 row 7: a failed download's task may be deleted", async () => {
    backend.release();
    await memory.lab.context.faults.order({
      kind: "task",
      target: "download **",
      effect: "fail",
      value: "no route",
    });
    const [content, filename] = ["vztmpl", "a.tar.xz"];
    const fields = { content, filename, url: "http://198.51.100.10/a.tar.xz" };
    const { data } = await client.call("POST", "/nodes/pve1/storage/local/download-url", fields);
    assert.equal(await client.task(data), "no route");
    const path = `/nodes/pve1/tasks/${encodeURIComponent(String(data))}`;
    assert.equal((await client.call("DELETE", path)).status, 200);
  });
});
