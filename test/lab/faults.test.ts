import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { askFaults, faultServer } from "../../lab/fault/control";
import { describe as inWords, matches, type FaultOrder } from "../../lab/fault/fault";
import { Faults } from "../../lab/fault/faults";
import { Client, record } from "./support/client";
import { container, startMemoryLab, type MemoryLab } from "./support/memory-lab";

const LXC = "/nodes/pve1/lxc";

describe("faults on order", () => {
  let memory: MemoryLab;
  beforeEach(async () => (memory = await startMemoryLab({ lockTimeoutMs: 100 })));
  afterEach(async () => memory.lab.close());

  const order = (kind: FaultOrder["kind"], target: string, effect: string, more = {}) =>
    memory.lab.context.faults.order({ kind, target, effect, ...more });
  const get = (path: string) => memory.client.call("GET", path);
  const create = (vmid = 100) => memory.client.run("POST", LXC, container(vmid));
  const took = async (work: () => Promise<unknown>): Promise<number> => {
    const started = Date.now();
    await work();
    return Date.now() - started;
  };

  describe("of requests", () => {
    it("refuses the n-th that matches, as often as ordered, with status and reason", async () => {
      await order("request", "GET /nodes/*/lxc", "status", { value: "596", skip: 1, times: 1 });
      assert.equal((await get("/version")).status, 200);
      assert.equal((await get(LXC)).status, 200);
      const { status, reason } = await get(LXC);
      assert.deepEqual([status, reason], [596, "Broken pipe"]);
      assert.equal((await get(LXC)).status, 200);
      assert.deepEqual(memory.lab.context.faults.list(), []);
    });

    it("gives a reason of one's own", async () => {
      await order("request", "**", "status", { value: "500 got timeout" });
      const { status, reason } = await get("/version");
      assert.deepEqual([status, reason], [500, "got timeout"]);
    });

    it("resets the connection before a request is carried out", async () => {
      await order("request", "POST /nodes/*/lxc", "reset", { times: 1 });
      await assert.rejects(create(), /ECONNRESET/);
      assert.deepEqual((await get(LXC)).data, []);
    });

    it("loses the answer of one that was carried out", async () => {
      await order("request", "POST /pools", "lose", { times: 1 });
      await assert.rejects(memory.client.call("POST", "/pools", { poolid: "a" }), /ECONNRESET/);
      assert.equal((await memory.client.call("POST", "/pools", { poolid: "a" })).status, 500);
    });

    it("slows one down", async () => {
      await order("request", "GET /version", "delay", { value: "300" });
      assert.ok((await took(() => get("/version"))) >= 300);
      assert.ok((await took(() => get("/nodes"))) < 300);
    });
  });

  describe("of tasks", () => {
    it("fails a create, which then leaves nothing behind, in the task's own words", async () => {
      await order("task", "vzcreate 100", "fail", { value: "no space left", times: 1 });
      assert.equal(await create(), "unable to create CT 100 - no space left");
      assert.deepEqual((await get(LXC)).data, []);
      assert.equal(await create(), "OK");
    });

    it("fails a task that logs nothing, too", async () => {
      await create();
      await memory.client.run("POST", `${LXC}/100/status/start`);
      await order("task", "vzstop *", "fail", { value: "got timeout" });
      assert.equal(await memory.client.run("POST", `${LXC}/100/status/stop`), "got timeout");
    });

    it("kills a create's worker, which leaves its lock on the guest", async () => {
      await order("task", "vzcreate *", "die", { times: 1 });
      assert.equal(await create(), "unexpected status");
      const start = await memory.client.call("POST", `${LXC}/100/status/start`);
      assert.equal(await memory.client.task(start.data), "CT is locked (create)");
    });

    it("delays one, and no other", async () => {
      await order("task", "vzcreate 101", "delay", { value: "400" });
      assert.ok((await took(() => create(101))) >= 400);
      assert.ok((await took(() => create(102))) < 400);
    });
  });

  it("holds a guest's lock, so that who wants it gives up in Proxmox's words", async () => {
    await create();
    await order("lock", "100", "hold", { value: "1000", times: 1 });
    const change = { hostname: "other" };
    const held = await memory.client.call("PUT", `${LXC}/100/config`, change);
    assert.equal(held.reason, "can't lock file '/run/lock/lxc/pve-config-100.lock' - got timeout");
    await memory.lab.context.faults.clear();
  });

  it("waits for a lock that is held for less than the waiting time", async () => {
    await create();
    await order("lock", "100", "hold", { value: "50", times: 1 });
    const changed = await memory.client.call("PUT", `${LXC}/100/config`, { hostname: "other" });
    assert.equal(changed.status, 200);
  });

  it("lets the API's clock jump: tickets end, tasks bear other times, and back again", async () => {
    const login = { username: "root@pam", password: "lab-root-password" };
    const { data } = await new Client(memory.port, {}).call("POST", "/access/ticket", login);
    const cookie = `PVEAuthCookie=${encodeURIComponent(String(record(data)["ticket"]))}`;
    const status = async () =>
      (await new Client(memory.port, { cookie }).call("GET", "/version")).status;
    assert.equal(await status(), 200);
    const { id } = await order("clock", "api", "jump", { value: "7300" });
    assert.equal(await status(), 401);
    await create();
    const [task] = memory.lab.context.tasks.list();
    const ahead = (task?.starttime ?? 0) - Date.now() / 1000;
    assert.ok(ahead > 7200 && ahead < 7400, String(ahead));
    await memory.lab.context.faults.clear(id);
    assert.equal(await status(), 200);
    await assert.rejects(order("clock", "pve1", "jump", { value: "1" }), /clock api jump/);
  });

  it("is over when cleared", async () => {
    const { id } = await order("request", "**", "reset");
    await memory.lab.context.faults.clear(id);
    assert.equal((await get("/version")).status, 200);
    await assert.rejects(memory.lab.context.faults.clear(id), /Fault 1 does not exist/);
  });

  it("refuses orders that make no sense, and says what would", async () => {
    await assert.rejects(order("request", "**", "explode"), /status, reset, lose, delay/);
    await assert.rejects(order("request", "**", "delay"), /needs a value MS/);
    await assert.rejects(order("request", "**", "status", { value: "200" }), /CODE \[REASON\]/);
    await assert.rejects(order("request", "**", "reset", { value: "1" }), /takes no value/);
    await assert.rejects(order("request", "**", "reset", { times: 0 }), /times 1 or more/);
    await assert.rejects(order("host", "pve1", "off", { times: 1 }), /stands until it is cleared/);
  });

  it("takes back an order that cannot be put in place", async () => {
    const faults = new Faults([], { place: () => Promise.reject(new Error("no such host")) });
    const off = { kind: "host", target: "x", effect: "off" } as const;
    await assert.rejects(faults.order(off), /no such host/);
    assert.deepEqual(faults.list(), []);
  });

  it("matches targets part by part, and takes nothing in them for an expression", () => {
    assert.ok(matches("GET /nodes/*/lxc", "GET /nodes/pve1/lxc"));
    assert.ok(!matches("GET /nodes/*/lxc", "GET /nodes/pve1/lxc/100"));
    assert.ok(!matches("GET /nodes/*", "GET /nodes/pve1/lxc"));
    assert.ok(matches("* /nodes/**", "PUT /nodes/pve1/lxc/100/config"));
    assert.ok(!matches("GET /a.c", "GET /abc"));
  });

  it("is ordered, listed and cleared over a local socket", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "lab-faults-"));
    const socket = path.join(folder, "control.sock");
    const server = faultServer(memory.lab.context.faults);
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    try {
      const reset = { kind: "request", target: "GET /version", effect: "reset" } as const;
      await askFaults(socket, "POST", { order: { ...reset, times: 2, skip: 1 } });
      await assert.rejects(
        askFaults(socket, "POST", { order: { ...reset, effect: "x" } }),
        /cannot be 'x'/,
      );
      assert.equal((await get("/version")).status, 200);
      await assert.rejects(get("/version"), /ECONNRESET/);
      const [fault] = memory.lab.context.faults.list();
      assert.ok(fault);
      assert.equal(inWords(fault), "1  request 'GET /version' reset (1 left)");
      assert.deepEqual(await askFaults(socket, "GET"), [{ ...reset, id: 1, skip: 0, times: 1 }]);
      const cleared = await askFaults(socket, "DELETE", { id: 1 });
      assert.equal(record(Object(cleared))["0"] === undefined, false);
      assert.equal((await get("/version")).status, 200);
    } finally {
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    }
  });
});
