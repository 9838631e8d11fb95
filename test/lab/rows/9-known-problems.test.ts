/** docs/proxmox/provider-calls.md 9: known problems that start on the node; row-table.ts has the others. */
import assert from "node:assert/strict";

import type { FaultOrder } from "../../../lab/fault/fault";
import { MemoryBackend } from "../../../lab/backend/memory-backend";
import { list, record } from "../support/client";
import { container, HeldBackend, startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

const LXC = "/nodes/pve1/lxc";

describeEachVersion("docs/proxmox/provider-calls.md 9", (version) => {
  let memory: MemoryLab;
  let client: MemoryLab["client"];
  beforeEach(async () => {
    memory = await startMemoryLab({
      version,
      backend: new MemoryBackend({ dhcpReads: 3 }),
      lockTimeoutMs: 100,
    });
    ({ client } = memory);
  });
  afterEach(async () => memory.lab.close());

  const create = (vmid = 100, extra = {}) => client.run("POST", LXC, container(vmid, extra));
  const order = (fault: FaultOrder) => memory.lab.context.faults.order(fault);

  it("9 row 3: a guest with DHCP runs before it has an address, and has link-local IPv6 first", async () => {
    await create(100, { start: "1" });
    const addresses = async () => {
      const { data } = await client.call("GET", `${LXC}/100/interfaces`);
      const eth0 = list(data)
        .map(record)
        .find(({ name }) => name === "eth0");
      return list(eth0?.["ip-addresses"]).map((entry) => record(entry)["ip-address-type"]);
    };
    assert.deepEqual(await addresses(), ["inet6"]);
    let reads = 1;
    while (!(await addresses()).includes("inet")) assert.ok(++reads < 10);
  });

  it("9 row 4: a reload may take its time; its task then runs, and other calls are answered", async () => {
    const backend = new HeldBackend();
    const held = await startMemoryLab({ version, backend });
    try {
      const { data } = await held.client.call("PUT", "/nodes/pve1/network");
      const path = `/nodes/pve1/tasks/${encodeURIComponent(String(data))}/status`;
      const status = async () => record((await held.client.call("GET", path)).data)["status"];
      assert.equal(await status(), "running");
      assert.equal((await held.client.call("GET", "/nodes")).status, 200);
      backend.release();
      assert.equal(await held.client.task(data), "OK");
    } finally {
      await held.lab.close();
    }
  });

  it("9 row 6: a disk is never made smaller", async () => {
    await create();
    const fields = { disk: "rootfs", size: "2G" };
    const answer = await client.call("PUT", `${LXC}/100/resize`, fields);
    assert.deepEqual([answer.status, answer.reason], [500, "unable to shrink disk size"]);
  });

  it("9 row 7: a reboot right after a start waits for it and ends well", async () => {
    await create();
    const start = await client.call("POST", `${LXC}/100/status/start`);
    assert.equal(await client.task(start.data), "OK");
    assert.equal(await client.run("POST", `${LXC}/100/status/reboot`, { timeout: "300" }), "OK");
    const status = record((await client.call("GET", `${LXC}/100/status/current`)).data);
    assert.equal(status["status"], "running");
  });

  it("9 row 14: whoever waits too long for a lock is told so, and another try succeeds", async () => {
    await create();
    await order({ kind: "lock", target: "100", effect: "hold", value: "300", times: 1 });
    const put = () => client.call("PUT", `${LXC}/100/config`, { memory: "768" });
    const late = await put();
    assert.match(late.reason, /^can't lock file '.*' - got timeout$/);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal((await put()).status, 200);
  });
});
