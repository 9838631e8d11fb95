import assert from "node:assert/strict";

import { list, record } from "../support/client";
import { container, startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

const LXC = "/nodes/pve1/lxc";

describeEachVersion("lab API: containers", (version) => {
  let memory: MemoryLab;
  beforeEach(async () => (memory = await startMemoryLab({ version })));
  afterEach(async () => memory.lab.close());

  const create = (vmid: number, extra = {}) =>
    memory.client.run("POST", LXC, container(vmid, extra));
  const config = async (vmid: number, query = {}) =>
    record((await memory.client.call("GET", `${LXC}/${vmid}/config`, query)).data);
  const status = async (vmid: number) =>
    record((await memory.client.call("GET", `${LXC}/${vmid}/status/current`)).data);
  const start = (vmid: number) => memory.client.run("POST", `${LXC}/${vmid}/status/start`);
  const put = (vmid: number, fields: Readonly<Record<string, string | readonly string[]>>) =>
    memory.client.call("PUT", `${LXC}/${vmid}/config`, fields);
  const volumes = async () => (await memory.backend.volumes("pve1", "local-lvm")).length;

  it("creates with everything that was sent, and reads it back in Proxmox's types", async () => {
    const sent = { tags: "b;A", description: "two\nlines", rootfs: "volume=local-lvm:8,acl=1" };
    assert.equal(await create(100, sent), "OK");
    const { net0, digest, ...rest } = await config(100);
    assert.deepEqual(rest, {
      arch: "amd64",
      cmode: "tty",
      console: 1,
      cores: 1,
      cpulimit: "0",
      description: "two\nlines\n",
      features: "nesting=1",
      hostname: "ct100",
      memory: 512,
      onboot: 1,
      ostype: "debian",
      protection: 0,
      rootfs: "local-lvm:vm-100-disk-0,acl=1,size=8G",
      swap: 0,
      tags: "a;b",
      template: 0,
      tty: 2,
      unprivileged: 1,
    });
    assert.match(
      String(net0),
      /^name=eth0,bridge=vmbr0,firewall=0,hwaddr=BC:24:11(:[0-9A-F]{2}){3},ip=dhcp,type=veth$/,
    );
    assert.match(String(digest), /^[0-9a-f]{40}$/);
  });

  it("answers a taken id with the 500 that the provider's retry looks for", async () => {
    await create(100);
    const again = await memory.client.call("POST", LXC, container(100));
    assert.equal(again.status, 500);
    assert.equal(again.reason, "CT 100 already exists on node 'pve1'");
    assert.equal(await volumes(), 1);
  });

  it("leaves nothing of a creation that fails in its task", async () => {
    const exit = await create(100, { ostemplate: "local:vztmpl/none.tar.zst" });
    assert.match(exit, /^unable to create CT 100 - volume .* does not exist$/);
    const gone = await memory.client.call("GET", `${LXC}/100/config`);
    assert.equal(gone.reason, "Configuration file 'nodes/pve1/lxc/100.conf' does not exist");
    assert.equal(await volumes(), 0);
    assert.equal(await create(100), "OK");
  });

  it("starts at creation when asked, and gives its address after a while", async () => {
    await create(100, { start: "1" });
    assert.equal((await status(100))["status"], "running");
    const read = async () => {
      const { data } = await memory.client.call("GET", `${LXC}/100/interfaces`);
      const eth0 = list(data)
        .map(record)
        .find(({ name }) => name === "eth0");
      return list(eth0?.["ip-addresses"]).map(record);
    };
    assert.deepEqual(
      (await read()).map((entry) => entry["ip-address-type"]),
      ["inet6"],
    );
    assert.deepEqual((await read())[0], {
      "ip-address": "192.168.1.100",
      prefix: 24,
      "ip-address-type": "inet",
    });
  });

  it("refuses macvlan in every spelling, and says each thing that is wrong", async () => {
    await create(100);
    const answer = await put(100, {
      net1: "name=eth1,bridge=vmbr0,macaddr=02:00:00:00:00:01,type=macvlan,mode=bridge",
    });
    assert.equal(answer.status, 400);
    const complaint = answer.errors["net1"] ?? "";
    assert.match(
      complaint,
      /net1\.type: value 'macvlan' does not have a value in the enumeration 'veth'/,
    );
    assert.match(complaint, /net1\.mode: property is not defined in schema/);
    assert.match(complaint, /net1\.macaddr: property is not defined in schema/);
    assert.equal((await config(100))["net1"], undefined);
  });

  it("keeps a network change of a running guest pending until its reboot", async () => {
    await create(100, { start: "1" });
    const before = (await config(100))["net0"];
    const net0 =
      "name=eth0,bridge=vmbr0,hwaddr=02:00:00:00:00:01,ip=192.168.1.60/24,gw=192.168.1.1";
    assert.equal((await put(100, { net0, delete: ["net1", "net2"] })).status, 200);
    assert.match(String((await config(100))["net0"]), /192\.168\.1\.60/);
    assert.equal((await config(100, { current: "1" }))["net0"], before);
    assert.equal(
      await memory.client.run("POST", `${LXC}/100/status/reboot`, { timeout: "300" }),
      "OK",
    );
    assert.match(String((await config(100, { current: "1" }))["net0"]), /192\.168\.1\.60/);
    const interfaces = list((await memory.client.call("GET", `${LXC}/100/interfaces`)).data);
    assert.match(JSON.stringify(interfaces), /192\.168\.1\.60/);
    const file = await memory.backend.readGuestFile("pve1", 100, "/etc/network/interfaces");
    assert.match(
      file ?? "",
      /iface eth0 inet static\n\taddress 192\.168\.1\.60\/24\n\tgateway 192\.168\.1\.1/,
    );
  });

  it("applies tags, memory and description of a running guest at once", async () => {
    await create(100, { start: "1" });
    await put(100, { tags: "Zeta;alpha", memory: "1024", description: "new" });
    const now = await config(100, { current: "1" });
    assert.deepEqual(
      [now["tags"], now["memory"], now["description"]],
      ["alpha;zeta", 1024, "new\n"],
    );
    await put(100, { tags: "" });
    assert.equal((await config(100))["tags"], " ");
  });

  it("shuts down, refuses to destroy a running guest, then destroys it with its volume", async () => {
    await create(100, { start: "1" });
    const refused = await memory.client.call("DELETE", `${LXC}/100`);
    assert.equal(refused.status, 500);
    assert.equal(refused.reason, "unable to destroy CT 100 - container is running");
    const shutdown = { forceStop: "1", timeout: "55" };
    assert.equal(await memory.client.run("POST", `${LXC}/100/status/shutdown`, shutdown), "OK");
    assert.equal(await memory.client.run("DELETE", `${LXC}/100`), "OK");
    assert.equal(await volumes(), 0);
    const gone = await memory.client.call("GET", `${LXC}/100/status/current`);
    assert.equal(gone.status, 500);
    assert.match(gone.reason, /does not exist/);
  });

  it("refuses what the guest's state forbids", async () => {
    await create(100);
    const call = (verb: string) => memory.client.call("POST", `${LXC}/100/status/${verb}`);
    for (const verb of ["stop", "shutdown"]) {
      assert.equal((await call(verb)).reason, "CT 100 not running", verb);
    }
    assert.equal((await call("reboot")).reason, "VM 100 not running");
    await start(100);
    assert.equal((await call("start")).reason, "CT 100 already running");
    await put(100, { protection: "1" });
    await memory.client.run("POST", `${LXC}/100/status/stop`);
    const kept = await memory.client.call("DELETE", `${LXC}/100`);
    assert.equal(kept.reason, "can't remove CT 100 - protection mode enabled");
  });

  it("refuses every change of a locked guest", async () => {
    await create(100);
    const path = "/etc/pve/nodes/pve1/lxc/100.conf";
    const text = await memory.backend.readFile("pve1", path);
    await memory.backend.writeFile("pve1", path, `${text ?? ""}lock: backup\n`);
    assert.equal((await put(100, { memory: "1024" })).reason, "CT is locked (backup)");
    assert.equal(await start(100), "CT is locked (backup)");
    const destroy = await memory.client.call("DELETE", `${LXC}/100`);
    assert.equal(destroy.reason, "CT is locked (backup)");
    assert.equal((await status(100))["lock"], "backup");
  });

  it("grows the disk and refuses to shrink it", async () => {
    await create(100);
    const resize = (size: string) =>
      memory.client.call("PUT", `${LXC}/100/resize`, { disk: "rootfs", size });
    assert.equal(await memory.client.task((await resize("8G")).data), "OK");
    assert.equal((await config(100))["rootfs"], "local-lvm:vm-100-disk-0,size=8G");
    assert.equal(await memory.client.task((await resize("+2G")).data), "OK");
    assert.equal((await config(100))["rootfs"], "local-lvm:vm-100-disk-0,size=10G");
    const shrink = await resize("4G");
    assert.equal(shrink.reason, "unable to shrink disk size");
  });

  it("keeps raw lxc lines and snapshots through a change", async () => {
    await create(100);
    const path = "/etc/pve/nodes/pve1/lxc/100.conf";
    const text = (await memory.backend.readFile("pve1", path)) ?? "";
    const raw = "lxc.net.1.type = macvlan\nlxc.net.1.link: vmbr0\n";
    await memory.backend.writeFile("pve1", path, `${text}${raw}\n[before]\nmemory: 256\n`);
    await put(100, { memory: "1024" });
    const changed = (await memory.backend.readFile("pve1", path)) ?? "";
    assert.match(
      changed,
      /lxc\.net\.1\.type: macvlan\nlxc\.net\.1\.link: vmbr0\n\n\[before\]\nmemory: 256\n$/,
    );
    assert.deepEqual((await config(100))["lxc"], [
      ["lxc.net.1.type", "macvlan"],
      ["lxc.net.1.link", "vmbr0"],
    ]);
  });

  it("refuses an unknown storage, one without containers, and bad values", async () => {
    const call = (extra: Readonly<Record<string, string>>) =>
      memory.client.call("POST", LXC, container(100, extra));
    assert.equal((await call({ storage: "none" })).reason, "storage 'none' does not exist");
    const bad: [Readonly<Record<string, string>>, string][] = [
      [{ net0: "name=eth0,bridge=vmbr0,ip=10.0.0.1" }, "net0"],
      [{ net0: "name=eth0,name=eth1" }, "net0"],
      [{ net0: "bridge=vmbr0" }, "net0"],
      [{ net0: "name=eth0,hwaddr=01:00:00:00:00:01" }, "net0"],
    ];
    for (const [extra, name] of bad) {
      const answer = await call(extra);
      assert.equal(answer.status, 400, JSON.stringify(extra));
      assert.match(answer.errors[name] ?? "", /^invalid format - /);
    }
    assert.deepEqual(await memory.lab.context.guests.vmids("pve1"), []);
  });

  it("gives the next free id as a text, and refuses a taken one", async () => {
    await create(100);
    assert.equal((await memory.client.call("GET", "/cluster/nextid")).data, "101");
    const taken = await memory.client.call("GET", "/cluster/nextid", { vmid: "100" });
    assert.equal(taken.status, 400);
    assert.match(taken.errors["vmid"] ?? "", /already exists/);
  });

  it("lists guests of a node and of the cluster", async () => {
    await create(101, { start: "1" });
    await create(100, { tags: "x" });
    const guests = list((await memory.client.call("GET", LXC)).data).map(record);
    assert.deepEqual(
      guests.map(({ vmid, status: state, name, tags }) => [vmid, state, name, tags]),
      [
        [100, "stopped", "ct100", "x"],
        [101, "running", "ct101", undefined],
      ],
    );
    const all = await memory.client.call("GET", "/cluster/resources", { type: "vm" });
    assert.deepEqual(
      list(all.data).map((item) => record(item)["id"]),
      ["lxc/100", "lxc/101"],
    );
    assert.deepEqual((await memory.client.call("GET", "/nodes/pve1/qemu")).data, []);
  });
});
