import assert from "node:assert/strict";

import { record } from "./support/client";
import { container, startMemoryLab, type MemoryLab } from "./support/memory-lab";

const LXC = "/nodes/pve1/lxc";

describe("what a start writes into a guest", () => {
  let memory: MemoryLab;
  beforeEach(async () => (memory = await startMemoryLab()));
  afterEach(async () => memory.lab.close());

  const create = (extra: Readonly<Record<string, string>> = {}) =>
    memory.client.run("POST", LXC, container(100, extra));
  const start = () => memory.client.run("POST", `${LXC}/100/status/start`);
  const file = (path: string) => memory.backend.readGuestFile("pve1", 100, path);

  it("writes name, hosts, resolver and interfaces", async () => {
    await create({ nameserver: "10.20.0.1", searchdomain: "prox.local", start: "1" });
    assert.equal(await file("/etc/hostname"), "ct100\n");
    assert.match((await file("/etc/hosts")) ?? "", /^127\.0\.1\.1 ct100\.prox\.local ct100$/m);
    assert.match(
      (await file("/etc/resolv.conf")) ?? "",
      /\nsearch prox\.local\nnameserver 10\.20\.0\.1\n/,
    );
    assert.match((await file("/etc/network/interfaces")) ?? "", /^iface eth0 inet dhcp$/m);
  });

  it("gives the node's resolver to a guest that has none of its own", async () => {
    await create({ start: "1" });
    assert.match((await file("/etc/resolv.conf")) ?? "", /\nnameserver 192\.168\.1\.1\n/);
  });

  it("writes again at each start, but not over a file that .pve-ignore protects", async () => {
    await create();
    for (const path of ["/etc/resolv.conf", "/etc/hostname"]) {
      await memory.backend.writeGuestFile("pve1", 100, path, "mine\n");
    }
    await memory.backend.writeGuestFile("pve1", 100, "/etc/.pve-ignore.resolv.conf", "");
    assert.equal(await start(), "OK");
    assert.equal(await file("/etc/resolv.conf"), "mine\n");
    assert.equal(await file("/etc/hostname"), "ct100\n");
  });

  it("leaves an unmanaged guest's files alone", async () => {
    await create({ ostype: "unmanaged", start: "1" });
    assert.equal(await file("/etc/hostname"), undefined);
  });

  it("finds out the ostype that nobody named", async () => {
    await create({ ostype: "" });
    const { data } = await memory.client.call("GET", `${LXC}/100/config`);
    assert.equal(record(data)["ostype"], "debian");
  });

  it("puts keys for root in place", async () => {
    await create({ "ssh-public-keys": "ssh-ed25519 AAAA one\nssh-ed25519 BBBB two" });
    assert.equal(
      await file("/root/.ssh/authorized_keys"),
      "ssh-ed25519 AAAA one\nssh-ed25519 BBBB two\n",
    );
  });

  it("removes the new volume when a later step of a creation fails", async () => {
    assert.match(
      await create({ ostype: "ubuntu" }),
      /ostype 'ubuntu' is not implemented in the lab/,
    );
    assert.deepEqual(await memory.backend.volumes("pve1", "local-lvm"), []);
    assert.deepEqual(await memory.lab.context.guests.vmids("pve1"), []);
  });

  it("refuses a change that was made for another state of the config", async () => {
    await create();
    const put = (digest: string) =>
      memory.client.call("PUT", `${LXC}/100/config`, { memory: "1024", digest });
    const { data } = await memory.client.call("GET", `${LXC}/100/config`);
    assert.match((await put("0".repeat(40))).reason, /^detected modified configuration/);
    assert.equal((await put(String(record(data)["digest"]))).status, 200);
  });
});
