/** docs/proxmox/provider-calls.md 3.1, 3.3 and 3.4, row by row: the life of a container, and how it reads back. */
import assert from "node:assert/strict";

import { schemaPath } from "../../../lab/schema/load";
import { list, record } from "../support/client";
import { container, HeldBackend, startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

const LXC = "/nodes/pve1/lxc";
const CONFIG = `${LXC}/100/config`;
const STATUS = `${LXC}/100/status`;
const UPID = /^UPID:pve1:[0-9A-F]+:[0-9A-F]+:[0-9A-F]+:\w+:100:root@pam!lab:$/;

describeEachVersion("docs/proxmox/provider-calls.md 3", (version) => {
  let memory: MemoryLab;
  let client: MemoryLab["client"];
  beforeEach(async () => {
    memory = await startMemoryLab({ version, taskDelayMs: 50 });
    ({ client } = memory);
  });
  afterEach(async () => memory.lab.close());

  const create = (extra = {}) => client.run("POST", LXC, container(100, extra));
  const config = async () => record((await client.call("GET", CONFIG)).data);
  const current = async () => record((await client.call("GET", `${STATUS}/current`)).data);
  const put = (fields = {}) => client.call("PUT", CONFIG, fields);

  it("3.1 create: next id, version, POST with a UPID, task, and status/current without a lock", async () => {
    assert.equal((await client.call("GET", "/cluster/nextid")).data, "100");
    assert.equal((await client.call("GET", "/version")).status, 200);
    const backend = new HeldBackend();
    const held = await startMemoryLab({ version, backend });
    try {
      const { data } = await held.client.call("POST", LXC, container(100));
      assert.match(String(data), UPID);
      const status = async () => record((await held.client.call("GET", `${STATUS}/current`)).data);
      assert.equal((await status())["lock"], "create");
      backend.release();
      assert.equal(await held.client.task(data), "OK");
      const { lock, status: state } = await status();
      assert.deepEqual([lock, state], [undefined, "stopped"]);
    } finally {
      await held.lab.close();
    }
  });

  it("3.1 start: the guest runs after the task; a second start says already running", async () => {
    await create();
    assert.equal(await client.run("POST", `${STATUS}/start`), "OK");
    assert.equal((await current())["status"], "running");
    assert.match((await client.call("POST", `${STATUS}/start`)).reason, /already running/);
  });

  it("3.1 read: config, status, and the interfaces while it runs", async () => {
    await create({ start: "1", net0: "name=eth0,bridge=vmbr0,ip=192.168.1.90/24" });
    assert.equal((await config())["hostname"], "ct100");
    const interfaces = list((await client.call("GET", `${LXC}/100/interfaces`)).data).map(record);
    const eth0 = interfaces.find(({ name }) => name === "eth0");
    const [address] = list(eth0?.["ip-addresses"]).map(record);
    assert.deepEqual(address, {
      "ip-address": "192.168.1.90",
      prefix: 24,
      "ip-address-type": "inet",
    });
    assert.match(String(eth0?.["hardware-address"]), /^bc:24:11(:[0-9a-f]{2}){3}$/i);
    await client.run("POST", `${STATUS}/stop`);
    const stopped = await client.call("GET", `${LXC}/100/interfaces`);
    assert.deepEqual([stopped.status, stopped.data], [200, null]);
  });

  it("3.1 update: resize is a task, the config is changed at once, a reboot brings what is pending", async () => {
    await create({ start: "1" });
    const { data } = await client.call("PUT", `${LXC}/100/resize`, { disk: "rootfs", size: "6G" });
    assert.match(String(data), UPID);
    assert.equal(await client.task(data), "OK");
    const answer = await put({ net0: "name=eth0,bridge=vmbr0,ip=192.168.1.91/24", memory: "768" });
    assert.deepEqual([answer.status, answer.data], [200, null]);
    const now = record((await client.call("GET", CONFIG, { current: "1" })).data);
    assert.deepEqual([now["memory"], /ip=dhcp/.test(String(now["net0"]))], [768, true]);
    assert.equal(await client.run("POST", `${STATUS}/reboot`, { timeout: "300" }), "OK");
    const after = record((await client.call("GET", CONFIG, { current: "1" })).data);
    assert.match(String(after["net0"]), /ip=192\.168\.1\.91/);
  });

  it("3.1 delete: a forced shutdown, then DELETE without parameters, then status/current fails", async () => {
    await create({ start: "1" });
    const how = { forceStop: "1", timeout: "55" };
    assert.equal(await client.run("POST", `${STATUS}/shutdown`, how), "OK");
    assert.equal((await current())["status"], "stopped");
    assert.equal(await client.run("DELETE", `${LXC}/100`), "OK");
    assert.equal((await client.call("GET", `${STATUS}/current`)).status, 500);
  });

  it("3.1 clone: not implemented, and never pretended", async () => {
    await create();
    const answer = await client.call("POST", `${LXC}/100/clone`, { newid: "101" });
    assert.equal(answer.status, 501);
    assert.deepEqual(await memory.lab.context.guests.vmids("pve1"), [100]);
  });

  it("3.1 data sources: the list of guests has vmid as a number, name, status, tags", async () => {
    await create({ tags: "b;a" });
    const [guest] = list((await client.call("GET", LXC)).data).map(record);
    const { vmid, name, status, tags } = guest ?? {};
    assert.deepEqual(
      { vmid, name, status, tags },
      { vmid: 100, name: "ct100", status: "stopped", tags: "a;b" },
    );
  });

  it("3.1 row 1: status/current answers from the moment that a creation is taken", async () => {
    const { data } = await client.call("POST", LXC, container(100));
    assert.equal((await client.call("GET", `${STATUS}/current`)).status, 200);
    await client.task(data);
  });

  it("3.1 row 2; 3.1 row 3: a destroyed container does not exist, nor can it be destroyed again", async () => {
    await create();
    await client.run("DELETE", `${LXC}/100`);
    for (const [method, path] of [
      ["GET", `${STATUS}/current`],
      ["GET", CONFIG],
      ["DELETE", `${LXC}/100`],
    ] as const) {
      const { status, reason } = await client.call(method, path);
      assert.equal(status, 500);
      assert.match(reason, /does not exist/);
    }
  });

  it("3.1 row 4: create, start, stop, reboot and destroy answer a UPID", async () => {
    for (const [method, path, fields] of [
      ["POST", LXC, container(100)],
      ["POST", `${STATUS}/start`, {}],
      ["POST", `${STATUS}/reboot`, {}],
      ["POST", `${STATUS}/stop`, {}],
      ["DELETE", `${LXC}/100`, {}],
    ] as const) {
      const { data } = await client.call(method, path, fields);
      assert.match(String(data), UPID, `${method} ${path}`);
      assert.equal(await client.task(data), "OK");
    }
  });

  it("3.1 row 5: nextid says of a taken id that it already exists, with a 400", async () => {
    await create();
    const taken = await client.call("GET", "/cluster/nextid", { vmid: "100" });
    assert.equal(taken.status, 400);
    assert.match(taken.errors["vmid"] ?? "", /already exists/);
    assert.equal((await client.call("GET", "/cluster/nextid", { vmid: "101" })).data, "101");
    assert.equal((await client.call("GET", "/cluster/nextid")).data, "101");
  });

  it("3.3 row 1: the type of a net is veth, whatever is asked for", async () => {
    for (const type of ["macvlan", "ipvlan", "phys"]) {
      const net1 = `name=eth1,bridge=vmbr0,type=${type}`;
      const { status, errors } = await client.call("POST", LXC, container(100, { net1 }));
      assert.equal(status, 400);
      assert.match(errors["net1"] ?? "", /net1\.type: .*'veth'/);
    }
    assert.equal(await create({ net1: "name=eth1,bridge=vmbr0,type=veth" }), "OK");
  });

  it("3.3 row 2; 9 row 10: raw lxc keys are no parameters; those in the file are kept and shown as pairs", async () => {
    const raw = "lxc.net.1.type";
    assert.equal(
      (await client.call("POST", LXC, container(100, { [raw]: "macvlan" }))).status,
      400,
    );
    await create();
    assert.deepEqual(Object.keys((await put({ [raw]: "macvlan" })).errors), [raw]);
    const path = "/etc/pve/nodes/pve1/lxc/100.conf";
    const text = (await memory.backend.readFile("pve1", path)) ?? "";
    await memory.backend.writeFile("pve1", path, `${text}${raw} = macvlan\n`);
    await put({ memory: "768" });
    assert.deepEqual((await config())["lxc"], [[raw, "macvlan"]]);
    assert.match(
      (await memory.backend.readFile("pve1", path)) ?? "",
      /^lxc\.net\.1\.type: macvlan$/m,
    );
  });

  it("3.4: numbers are numbers, switches 1 and 0, everything else text", async () => {
    await create({ cpuunits: "200", startup: "order=2,up=1", searchdomain: "a.example" });
    const data = await config();
    for (const key of ["cores", "cpuunits", "memory", "swap", "tty"]) {
      assert.equal(typeof data[key], "number", key);
    }
    for (const key of ["onboot", "protection", "template", "unprivileged", "console"]) {
      assert.ok(data[key] === 0 || data[key] === 1, key);
    }
    for (const key of "arch cmode digest features hostname net0 ostype rootfs startup".split(" ")) {
      assert.equal(typeof data[key], "string", key);
    }
    const status = await current();
    for (const key of ["cpus", "maxmem", "maxswap", "uptime"]) {
      assert.equal(typeof status[key], "number", key);
    }
  });

  it("3.4 row 1: rootfs reads back with its size", async () => {
    await create({ rootfs: "volume=local-lvm:8,mountoptions=noatime;nodev" });
    assert.match(String((await config())["rootfs"]), /^local-lvm:vm-100-disk-0,.*size=8G$/);
  });

  it("3.4 row 2: a net has the hwaddr that was sent, or a stable one of the server's", async () => {
    const own = "02:00:00:00:00:11";
    await create({ net1: `name=eth1,bridge=vmbr0,hwaddr=${own},ip=10.0.0.2/24,gw=10.0.0.1` });
    const data = await config();
    const [net0, net1] = [String(data["net0"]), String(data["net1"])];
    assert.match(net0, /hwaddr=BC:24:11(:[0-9A-F]{2}){3}/);
    for (const part of [
      `hwaddr=${own}`,
      "name=eth1",
      "bridge=vmbr0",
      "ip=10.0.0.2/24",
      "gw=10.0.0.1",
    ]) {
      assert.ok(net1.split(",").includes(part), part);
    }
    await put({ memory: "768" });
    assert.equal(String((await config())["net0"]), net0);
    assert.doesNotMatch(net0 + net1, /["\\]/);
  });

  it("3.4 row 3: everything that was sent reads back", async () => {
    await create({ nameserver: "10.0.0.1 10.0.0.2", searchdomain: "a.example", tags: "x" });
    const sent = {
      arch: "amd64",
      cores: 1,
      memory: 512,
      swap: 0,
      tty: 2,
      cmode: "tty",
      console: 1,
    };
    const more = { onboot: 1, unprivileged: 1, nameserver: "10.0.0.1 10.0.0.2", tags: "x" };
    const data = await config();
    for (const [key, value] of Object.entries({ ...sent, ...more })) {
      assert.deepEqual(data[key], value, key);
    }
  });

  it("3.4 row 4: a description reads back with one newline at its end", async () => {
    await create({ description: "one" });
    assert.equal((await config())["description"], "one\n");
    await put({ description: "two\nlines\n" });
    assert.equal((await config())["description"], "two\nlines\n");
  });
});

describe("docs/proxmox/provider-calls.md 3.4", () => {
  it("3.4: the interfaces of a guest list their addresses from 8.4 on, and not before", async () => {
    for (const [version, release, lists] of [
      ["9.1.2", "9.1", true],
      ["8.4.2", "8.4", true],
      ["8.3.5", "8.4", false],
    ] as const) {
      const { lab, client } = await startMemoryLab({ version, schemaFile: schemaPath(release) });
      try {
        const net0 = "name=eth0,bridge=vmbr0,ip=192.168.1.90/24";
        await client.run("POST", LXC, container(100, { net0, start: "1" }));
        const { data } = await client.call("GET", `${LXC}/100/interfaces`);
        const eth0 = list(data)
          .map(record)
          .find(({ name }) => name === "eth0");
        assert.equal(eth0?.["inet"], "192.168.1.90/24");
        assert.equal(list(eth0["ip-addresses"]).length > 0, lists, version);
      } finally {
        await lab.close();
      }
    }
  });
});
