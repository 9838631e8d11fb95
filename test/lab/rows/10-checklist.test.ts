/** docs/proxmox/provider-calls.md 10, row by row: what the program does because Proxmox behaves so. */
import assert from "node:assert/strict";

import { Client, PROGRAM_TOKEN, record } from "../support/client";
import { container, startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

const LXC = "/nodes/pve1/lxc";
const NETWORK = "/nodes/pve1/network";

describeEachVersion("docs/proxmox/provider-calls.md 10", (version) => {
  let memory: MemoryLab;
  let program: Client;
  beforeEach(async () => {
    memory = await startMemoryLab({ version });
    program = new Client(memory.port, { authorization: PROGRAM_TOKEN });
  });
  afterEach(async () => memory.lab.close());

  it("10 row 1: a bridge name with a hyphen is refused by the network API, and taken in bridge=", async () => {
    const bridge = (iface: string) =>
      memory.client.call("POST", NETWORK, { iface, type: "bridge", autostart: "1" });
    const refused = await bridge("proximity-lan");
    assert.equal(refused.status, 400);
    assert.match(refused.errors["iface"] ?? "", /invalid network interface name 'proximity-lan'/);
    for (const iface of ["0br", "br-", "prox.lan", "x", "b23456789012345678901"]) {
      assert.equal((await bridge(iface)).status, 400, iface);
    }
    // Longer than the kernel takes, and yet taken: the program has to stop at ten itself.
    for (const iface of ["proxlan", "prox_lan", "b2345678901234567890"]) {
      assert.equal((await bridge(iface)).status, 200, iface);
    }
    const guest = container(100, { net0: "name=eth0,bridge=proximity-lan,ip=dhcp" });
    assert.equal(await memory.client.run("POST", LXC, guest), "OK");
  });

  it("10 row 1: on a bridge that runs no VLANs a tag is still taken, and asks for SDN.Use on the tag", async () => {
    const net1 = "name=eth1,bridge=vmbr0,tag=5";
    assert.equal(await program.run("POST", LXC, container(100, { net1 })), "OK");
  });

  it("10 row 2: net1 on vmbr0 with hwaddr, address, gateway and firewall is stored as it was sent", async () => {
    const net1 =
      "name=eth1,bridge=vmbr0,firewall=1,gw=192.168.1.1,hwaddr=BC:24:11:00:00:01,ip=192.168.1.90/24";
    assert.equal(await program.run("POST", LXC, container(100, { net1 })), "OK");
    const { data } = await program.call("GET", `${LXC}/100/config`);
    assert.equal(record(data)["net1"], `${net1},type=veth`);
  });

  it("10 row 2: macvlan is no variant of net1: three errors at once, and nothing is made", async () => {
    const net1 = "name=eth1,bridge=vmbr0,type=macvlan,macaddr=BC:24:11:00:00:01,mode=bridge";
    const refused = await program.call("POST", LXC, container(100, { net1 }));
    assert.equal(refused.status, 400);
    for (const key of ["type", "macaddr", "mode"]) {
      assert.match(refused.errors["net1"] ?? "", new RegExp(`net1\\.${key}: `));
    }
    assert.equal((await program.call("GET", `${LXC}/100/config`)).status, 500);
  });

  it("10 row 3: the firewall API refuses at once what a file would only be ignored for", async () => {
    await program.run("POST", LXC, container(100));
    const rule = (fields: Readonly<Record<string, string>>) =>
      program.call("POST", `${LXC}/100/firewall/rules`, {
        type: "in",
        action: "ACCEPT",
        enable: "1",
        ...fields,
      });
    assert.equal((await rule({ iface: "eth1" })).status, 400);
    assert.equal((await rule({ proto: "tcp", dport: "80, 443" })).status, 400);
    assert.equal((await rule({ type: "forward" })).status, 400);
    assert.equal((await rule({ iface: "net1", proto: "tcp", dport: "80,443" })).status, 200);
  });

  it("10 row 4: switching a guest's firewall on leaves the cluster's switch alone, and the program may not touch it", async () => {
    await program.run("POST", LXC, container(100));
    const on = { enable: "1", policy_in: "DROP" };
    assert.equal((await program.call("PUT", `${LXC}/100/firewall/options`, on)).status, 200);
    const cluster = await memory.client.call("GET", "/cluster/firewall/options");
    assert.ok(![1, "1"].some((on) => on === record(cluster.data)["enable"]));
    const refused = await program.call("PUT", "/cluster/firewall/options", { enable: "1" });
    assert.equal(refused.reason, "Permission check failed (/, Sys.Modify)");
  });

  it("10 row 5: without nameserver a guest starts with the node's resolver, with it with its own", async () => {
    const resolver = async (vmid: number) =>
      (await memory.backend.readGuestFile("pve1", vmid, "/etc/resolv.conf")) ?? "";
    await program.run("POST", LXC, container(100));
    const own = { nameserver: "10.0.0.1", searchdomain: "prox.local" };
    await program.run("POST", LXC, container(101, own));
    for (const vmid of [100, 101]) await program.run("POST", `${LXC}/${vmid}/status/start`);
    assert.match(await resolver(100), /^nameserver 192\.168\.1\.1$/m);
    assert.match(await resolver(101), /^nameserver 10\.0\.0\.1$/m);
    assert.match(await resolver(101), /^search prox\.local$/m);
  });

  it("10 row 6: a reload applies what somebody else has staged, and changes shows it before", async () => {
    const bridge = (iface: string) => ({ iface, type: "bridge", autostart: "1" });
    await memory.client.call("POST", NETWORK, bridge("theirs"));
    const { envelope } = await memory.client.call("GET", NETWORK);
    assert.match(String(envelope["changes"]), /^\+.*theirs/m);
    await memory.client.call("POST", NETWORK, bridge("ours"));
    assert.equal(await memory.client.run("PUT", NETWORK), "OK");
    const live = await memory.backend.readFile("pve1", "/etc/network/interfaces");
    assert.match(live ?? "", /^iface theirs /m);
    assert.match(live ?? "", /^iface ours /m);
    assert.equal((await memory.client.call("GET", NETWORK)).envelope["changes"], undefined);
  });

  it("10 row 7: a token sets no feature but nesting", async () => {
    assert.equal(await program.run("POST", LXC, container(100, { features: "nesting=1" })), "OK");
    for (const features of ["nesting=1,keyctl=1", "fuse=1", "mknod=1", "mount=nfs"]) {
      const refused = await program.call("POST", LXC, container(101, { features }));
      assert.equal(
        refused.reason,
        "Permission check failed (changing feature flags (except nesting) is only allowed for root@pam)",
        features,
      );
    }
  });
});
