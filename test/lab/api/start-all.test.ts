import assert from "node:assert/strict";

import { list, record } from "../support/client";
import { container, startMemoryLab, type MemoryLab } from "../support/memory-lab";

describe("lab API: a node's guests at boot", () => {
  let memory: MemoryLab;
  beforeEach(async () => (memory = await startMemoryLab()));
  afterEach(async () => memory.lab.close());

  const create = async (vmid: number, extra: Readonly<Record<string, string>>) => {
    assert.equal(await memory.client.run("POST", "/nodes/pve1/lxc", container(vmid, extra)), "OK");
  };
  const running = async () =>
    list((await memory.client.call("GET", "/nodes/pve1/lxc")).data)
      .map(record)
      .filter(({ status }) => status === "running")
      .map(({ vmid }) => vmid);
  const startAll = async (fields = {}) => {
    const { data } = await memory.client.call("POST", "/nodes/pve1/startall", fields);
    assert.equal(await memory.client.task(data), "OK");
    return memory.lab.context.tasks.find(String(data)).lines;
  };

  it("starts those with onboot by order, then by id; one that fails holds up no other", async () => {
    await create(100, { onboot: "1" });
    await create(101, { onboot: "1", startup: "order=2,up=0" });
    await create(102, { onboot: "0", startup: "1" });
    await create(103, { onboot: "1", startup: "1", net0: "name=eth0,bridge=nowhere,ip=dhcp" });
    assert.deepEqual(await startAll(), [
      "Starting CT 103",
      "Starting CT 103 failed: bridge 'nowhere' does not exist",
      "Starting CT 101",
      "Starting CT 100",
      "TASK OK",
    ]);
    assert.deepEqual(await running(), [100, 101]);
    await startAll({ force: "1" });
    assert.deepEqual(await running(), [100, 101, 102]);
  });
});
