/** What Proxmox VE's own code answers and a stand-in easily gets wrong (docs/proven-on.md), beyond the contract. */
import assert from "node:assert/strict";

import { Client, list, PROGRAM_TOKEN, record, send } from "./support/client";
import { container, startMemoryLab, type MemoryLab } from "./support/memory-lab";
import { describeEachVersion } from "./support/schemas";

const LXC = "/nodes/pve1/lxc";
const CONF = "/etc/pve/nodes/pve1/lxc/100.conf";

const without = (fields: Readonly<Record<string, string>>, ...names: readonly string[]) =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

describeEachVersion("the lab as a real node", (version) => {
  const is9 = version.startsWith("9.");
  const socketPath = `/tmp/lab-real-${process.pid}.sock`;
  let memory: MemoryLab;
  let client: Client;
  let program: Client;
  beforeEach(async () => {
    memory = await startMemoryLab({ version });
    ({ client } = memory);
    program = new Client(memory.port, { authorization: PROGRAM_TOKEN });
    await memory.lab.listenUnix(socketPath);
  });
  afterEach(async () => memory.lab.close());

  const create = async (extra = {}) => {
    assert.equal(await client.run("POST", LXC, container(100, extra)), "OK");
  };
  const put = (fields: Readonly<Record<string, string>>, as = client) =>
    as.call("PUT", `${LXC}/100/config`, fields);
  const config = async () => record((await client.call("GET", `${LXC}/100/config`)).data);
  const start = () => client.run("POST", `${LXC}/100/status/start`);
  const conf = async () => (await memory.backend.readFile("pve1", CONF)) ?? "";
  const refusal = async (call: Promise<{ status: number; reason: string }>) => {
    const { status, reason } = await call;
    return [status, reason];
  };
  /** What `pct` on the node says. */
  const pct = async (...args: readonly string[]) => {
    const form = new URLSearchParams(args.map((arg): [string, string] => ["arg", arg]));
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const options = { socketPath, method: "POST", path: "/pct", headers };
    const { headers: answer, text } = await send(options, form.toString());
    return { code: Number(answer["x-exit"]), text };
  };

  it("makes an unprivileged container, from 9.0 on, when a call does not say", async () => {
    const silent = without(container(100), "unprivileged", "features");
    assert.equal(await client.run("POST", LXC, silent), "OK");
    assert.equal((await config())["unprivileged"], is9 ? 1 : undefined);
  });

  it("lets a token make no privileged container", async () => {
    const call = program.call("POST", LXC, container(100, { unprivileged: "0" }));
    const reason = is9
      ? "/, Sys.Modify"
      : "changing feature flags for privileged container is only allowed for root@pam";
    assert.deepEqual(await refusal(call), [403, `Permission check failed (${reason})`]);
  });

  it("asks for the permission on a storage that rootfs names before it looks for the storage", async () => {
    const fields = without(container(100, { rootfs: "nope:4" }), "storage");
    assert.deepEqual(await refusal(program.call("POST", LXC, fields)), [
      403,
      "Permission check failed (/storage/nope, Datastore.AllocateSpace)",
    ]);
    const missing = [500, "storage 'nope' does not exist"];
    assert.deepEqual(await refusal(client.call("POST", LXC, fields)), missing);
    const other = container(100, { storage: "nope" });
    assert.deepEqual(await refusal(program.call("POST", LXC, other)), missing);
  });

  it("answers a change with an error while a bridge is missing, and keeps the change", async () => {
    await create({ net1: "name=eth1,bridge=nobr" });
    const missing = [500, "bridge 'nobr' does not exist"];
    assert.deepEqual(await refusal(put({ memory: "640" })), missing);
    assert.equal((await config())["memory"], 640);
    const { code, text } = await pct("set", "100", "--cores", "2");
    assert.deepEqual([code, text], [255, "bridge 'nobr' does not exist\n"]);
    assert.equal((await config())["cores"], 2);
    assert.equal((await put({ delete: "net1" })).status, 200);
  });

  it("accepts two interfaces of one name, and does not start", async () => {
    await create({ net1: "name=eth0,bridge=vmbr0" });
    assert.equal(await start(), "startup for container '100' failed");
    await put({ net1: "name=eth1,bridge=vmbr0" });
    assert.equal(await start(), "OK");
  });

  it("lets root on the node mount folders, pass devices and set features, and no token", async () => {
    await create();
    const values = {
      mp0: "/srv/x,mp=/srv,ro=1",
      dev0: "/dev/fuse,mode=0660",
      features: "keyctl=1,nesting=1",
    };
    const reasons = new Map([
      ["mp0", "mount point type bind is only allowed for root@pam"],
      ["dev0", "configuring device passthrough is only allowed for root@pam"],
      ["features", "changing feature flags (except nesting) is only allowed for root@pam"],
    ]);
    for (const token of [client, program]) {
      for (const [key, value] of Object.entries(values)) {
        const words = `Permission check failed (${reasons.get(key)})`;
        assert.deepEqual(await refusal(put({ [key]: value }, token)), [403, words]);
      }
    }
    for (const [key, value] of Object.entries(values)) {
      assert.deepEqual(await pct("set", "100", `-${key}`, value), { code: 0, text: "" });
    }
    const { mp0, dev0, features } = await config();
    assert.deepEqual({ mp0, dev0, features }, values);
    assert.equal(await start(), "OK");
    assert.equal((await pct("set", "100", "--delete", "mp0,dev0")).code, 0);
    assert.match((await pct("pending", "100")).text, /^del dev0$/m);
  });

  it("keeps mount points of a protected container", async () => {
    await create();
    await pct("set", "100", "-mp0", "/srv/x,mp=/srv");
    await put({ protection: "1" });
    const words = (verb: string) => `can't ${verb} CT 100 drive 'mp0' - protection mode enabled\n`;
    assert.equal((await pct("set", "100", "-mp0", "/srv/y,mp=/srv")).text, words("update"));
    assert.equal((await pct("set", "100", "-delete", "mp0")).text, words("remove"));
    assert.equal((await config())["mp0"], "/srv/x,mp=/srv");
  });

  it("shows tags that were emptied as a blank", async () => {
    await create({ tags: "" });
    assert.equal((await config())["tags"], " ");
    assert.match(await conf(), /^tags: $/m);
  });

  it("asks a token that grows a disk for options and for space, too", async () => {
    await create();
    const grow = () =>
      refusal(program.call("PUT", `${LXC}/100/resize`, { disk: "rootfs", size: "+1G" }));
    const users = (await memory.backend.readFile("pve1", "/etc/pve/user.cfg")) ?? "";
    for (const [privilege, path] of [
      ["VM.Config.Options", "/vms/100"],
      ["Datastore.AllocateSpace", "/storage/local-lvm"],
    ] as const) {
      const less = users.replace(new RegExp(`${privilege},?`), "");
      await memory.backend.writeFile("pve1", "/etc/pve/user.cfg", less);
      const words = `Permission check failed (${path}, ${privilege})`;
      assert.deepEqual(await grow(), [403, words]);
    }
    await memory.backend.writeFile("pve1", "/etc/pve/user.cfg", users);
    assert.deepEqual(await grow(), [200, "OK"]);
  });

  it("ends a task well whose file system did not grow, when that is ordered", async () => {
    await create({ start: "1" });
    await memory.lab.context.faults.order({
      kind: "resize",
      target: "100",
      effect: "stuck",
      times: 1,
    });
    const total = async () =>
      Number(record((await client.call("GET", `${LXC}/100/status/current`)).data)["maxdisk"]);
    const before = await total();
    const grow = () => client.call("PUT", `${LXC}/100/resize`, { disk: "rootfs", size: "+1G" });
    const { data } = await grow();
    assert.equal(await client.task(data), "OK");
    const log = `/nodes/pve1/tasks/${encodeURIComponent(String(data))}/log`;
    const lines = list((await client.call("GET", log)).data).map((line) => record(line)["t"]);
    assert.match(String(lines[0]), /^Failed to update the container's filesystem: /);
    assert.match(String((await config())["rootfs"]), /size=5G$/);
    assert.equal(await total(), before);
    assert.equal(await client.task((await grow()).data), "OK");
    assert.equal(await total(), before + 2 * 2 ** 30);
  });

  it("leaves a half-made container locked when its creation dies", async () => {
    await memory.lab.context.faults.order({ kind: "task", target: "vzcreate 100", effect: "die" });
    assert.equal(await client.run("POST", LXC, container(100)), "unexpected status");
    assert.equal(await conf(), "lock: create\n");
    const locked = [500, "CT is locked (create)"];
    assert.deepEqual(await refusal(client.call("DELETE", `${LXC}/100`)), locked);
    assert.deepEqual(await refusal(put({ memory: "640" })), locked);
    assert.equal(await start(), "CT is locked (create)");
  });
});
