/** docs/proxmox/provider-calls.md 3.2, row by row: the fields of a creation, as the provider sends them. */
import assert from "node:assert/strict";

import { Client, record } from "../support/client";
import { container, startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

const LXC = "/nodes/pve1/lxc";

describeEachVersion("docs/proxmox/provider-calls.md 3.2", (version) => {
  let memory: MemoryLab;
  const isNew = version.startsWith("9.1");
  beforeEach(async () => (memory = await startMemoryLab({ version })));
  afterEach(async () => memory.lab.close());

  const post = (fields: Readonly<Record<string, string>>) =>
    memory.client.call("POST", LXC, container(100, fields));
  /** Creates and reads one key back. */
  async function stored(key: string, value: string, as = key): Promise<unknown> {
    const { status, data, errors } = await post({ [key]: value });
    assert.equal(status, 200, JSON.stringify(errors));
    assert.equal(await memory.client.task(data), "OK");
    const config = record((await memory.client.call("GET", `${LXC}/100/config`)).data);
    await memory.client.run("DELETE", `${LXC}/100`);
    return config[as];
  }
  async function refused(key: string, ...values: readonly string[]): Promise<void> {
    for (const value of values) {
      const { status, errors } = await post({ [key]: value });
      assert.deepEqual([status, Object.keys(errors)], [400, [key]], `${key}=${value}`);
    }
    assert.deepEqual(await memory.lab.context.guests.vmids("pve1"), []);
  }

  it("3.2 networkInterfaces: every key of a net in the provider's order is stored", async () => {
    const managed = isNew ? "host-managed=0," : "";
    const net = `bridge=vmbr0,firewall=1,${managed}ip=10.0.0.2/24,gw=10.0.0.1,ip6=auto,hwaddr=02:00:00:00:00:11,mtu=1400,name=eth0,rate=1.50,tag=5`;
    const read = String(await stored("net0", net)).split(",");
    for (const part of net.split(",")) assert.ok(read.includes(part), part);
    await refused(
      "net0",
      "bridge=vmbr0",
      "name=eth0,ip=10.0.0.2",
      "name=eth0,hwaddr=03:00:00:00:00:11",
      "name=eth0,mtu=63",
      "name=eth0,tag=4095",
      "name=eth0,colour=red",
      "name=eth0,name=eth0",
    );
  });

  it("3.2 disk: volume=STORAGE:GIB with options makes a disk of that size; without it there are 4 GiB", async () => {
    assert.equal(
      await stored(
        "rootfs",
        "volume=local-lvm:8,mountoptions=noatime;nodev,acl=1,quota=1,replicate=1",
      ),
      "local-lvm:vm-100-disk-0,acl=1,mountoptions=noatime;nodev,quota=1,replicate=1,size=8G",
    );
    assert.equal(await stored("hostname", "a", "rootfs"), "local-lvm:vm-100-disk-0,size=4G");
  });

  it("3.2 mountPoints; 9 row 6: volumes beside the root are not implemented, and never ignored", async () => {
    const { status } = await post({ mp0: "mp=/srv,volume=local-lvm:4" });
    assert.equal(status, 501);
    assert.deepEqual(await memory.backend.volumes("pve1", "local-lvm"), []);
  });

  it("3.2 features: nesting is stored; what is no feature is refused", async () => {
    assert.equal(await stored("features", "nesting=1"), "nesting=1");
    await refused("features", "nesting=2", "docker=1");
  });

  it("3.2 initialization.hostname: names of letters, digits and hyphens, with domains", async () => {
    assert.equal(await stored("hostname", "a-1.b.example"), "a-1.b.example");
    await refused("hostname", "-a", "a_b", "a..b", "a b");
  });

  it("3.2 initialization.dns: servers parted by blanks, and a search domain", async () => {
    assert.equal(await stored("nameserver", "10.0.0.1 10.0.0.2"), "10.0.0.1 10.0.0.2");
    assert.equal(await stored("searchdomain", "prox.local"), "prox.local");
    await refused("nameserver", "not.an.address");
  });

  it("3.2 initialization.userAccount: keys end up in the guest and are not read back; a password is not implemented", async () => {
    const keys =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8t0mEfWjRZ one\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8t0mEfWjRZ two";
    assert.equal(await memory.client.task((await post({ "ssh-public-keys": keys })).data), "OK");
    const file = await memory.backend.readGuestFile("pve1", 100, "/root/.ssh/authorized_keys");
    assert.equal(file, `${keys}\n`);
    const config = record((await memory.client.call("GET", `${LXC}/100/config`)).data);
    assert.equal(config["ssh-public-keys"], undefined);
    await memory.client.run("DELETE", `${LXC}/100`);
    assert.equal((await post({ password: "secret" })).status, 501);
    await refused("password", "four");
  });

  it("3.2 initialization.entrypoint; 3.2 environmentVariables: of 9.1 and later", async () => {
    for (const [key, value] of [
      ["entrypoint", "/sbin/init"],
      ["env", "A=1\0B=2"],
    ] as const) {
      if (isNew) assert.equal(await stored(key, value), value);
      else await refused(key, value);
    }
  });

  it("3.2 startup: order, up and down are stored", async () => {
    assert.equal(await stored("startup", "down=3,order=1,up=2"), "down=3,order=1,up=2");
    await refused("startup", "order=first", "later=1");
  });

  it("3.2 tags; 8 row 3: sorted, lower case, joined by semicolons", async () => {
    assert.equal(await stored("tags", "b;A;b"), "a;b");
    await refused("tags", "a b!");
  });

  it("3.2 poolId: pool, description and cpuunits; hook script and devices are for root@pam alone", async () => {
    assert.equal(await stored("description", "words"), "words\n");
    assert.equal(await stored("cpuunits", "200"), 200);
    assert.match((await post({ pool: "none" })).reason, /pool 'none' does not exist/);
    await memory.client.call("POST", "/pools", { poolid: "apps" });
    assert.equal(await stored("pool", "apps"), undefined);
    assert.equal((await post({ hookscript: "local:snippets/a.sh" })).status, 403);
    assert.equal((await post({ dev0: "deny-write=1,path=/dev/null,uid=0" })).status, 403);
  });

  it("3.2: every list of allowed words is enforced, as are the limits of the id", async () => {
    await refused("ostype", "windows");
    await refused("arch", "sparc");
    await refused("cmode", "graphics");
    for (const vmid of ["99", "1000000000", "a"]) {
      const { status, errors } = await post({ vmid });
      assert.deepEqual([status, Object.keys(errors)], [400, ["vmid"]], vmid);
    }
    const missing = new Client(memory.port);
    assert.deepEqual(Object.keys((await missing.call("POST", LXC, { vmid: "100" })).errors), [
      "ostemplate",
    ]);
  });
});
