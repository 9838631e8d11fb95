/** docs/proxmox/provider-calls.md 2, row by row: the bridge. */
import assert from "node:assert/strict";

import { Client, PROGRAM_TOKEN, list, record } from "../support/client";
import { container, startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

const NETWORK = "/nodes/pve1/network";

/** A bridge as the provider sends it. */
const bridge = (iface: string, extra: Readonly<Record<string, string>> = {}) => ({
  iface,
  type: "bridge",
  autostart: "1",
  ...extra,
});

describeEachVersion("docs/proxmox/provider-calls.md 2", (version) => {
  let memory: MemoryLab;
  let client: Client;
  beforeEach(async () => {
    memory = await startMemoryLab({ version });
    ({ client } = memory);
  });
  afterEach(async () => memory.lab.close());

  const post = (iface: string, extra = {}) => client.call("POST", NETWORK, bridge(iface, extra));
  const reload = () => client.run("PUT", NETWORK);
  const entry = async (iface: string) =>
    list((await client.call("GET", NETWORK)).data)
      .map(record)
      .find((item) => item["iface"] === iface);
  const spoilReload = (fault: Readonly<Record<"effect" | "value", string>> | { effect: "die" }) =>
    memory.lab.context.faults.order({ kind: "task", target: "srvreload *", times: 1, ...fault });

  it("2.1 PVE API pve-iface; 9 row 11: letters, digits and _, 2 to 20 of them, in every call; else a 400", async () => {
    for (const iface of ["proximity-lan", "0br", "a", "b23456789012345678901", "prox.lan"]) {
      for (const [method, path] of [
        ["POST", NETWORK],
        ["PUT", `${NETWORK}/${iface}`],
        ["DELETE", `${NETWORK}/${iface}`],
      ] as const) {
        const fields = method === "DELETE" ? {} : bridge(iface);
        const { status, errors } = await client.call(method, path, fields);
        assert.deepEqual([status, Object.keys(errors)], [400, ["iface"]], `${method} ${iface}`);
      }
    }
    assert.equal((await post("prox_lan9")).status, 200);
  });

  it("2.1 PVE netN bridge= and pve-bridge-id: a guest may use a name that the network API refuses", async () => {
    const net0 = "name=eth0,bridge=proximity-lan,ip=dhcp";
    assert.equal(await client.run("POST", "/nodes/pve1/lxc", container(100, { net0 })), "OK");
  });

  it("2.1 kernel IFNAMSIZ 16: 16 to 20 characters pass the API, and the reload fails", async () => {
    assert.equal((await post("b234567890123456")).status, 200);
    assert.match(await reload(), /^command 'ifreload -a' failed: exit code \d+$/);
    assert.equal((await client.call("DELETE", `${NETWORK}/b234567890123456`)).status, 200);
    assert.equal((await post("b23456789012345")).status, 200);
    assert.equal(await reload(), "OK");
  });

  it("2.2 create: null, then the staged bridge is in the list, then a reload with a UPID", async () => {
    const created = await post("proxlan", { comments: "made by a test", mtu: "1400" });
    assert.deepEqual([created.status, created.data], [200, null]);
    const staged = await entry("proxlan");
    assert.deepEqual(
      ["type", "autostart", "mtu", "comments", "active"].map((key) => staged?.[key]),
      ["bridge", 1, "1400", "made by a test\n", undefined],
    );
    const { data } = await client.call("PUT", NETWORK);
    assert.match(String(data), /^UPID:pve1:.*:srvreload:networking:root@pam!lab:$/);
    assert.equal(await client.task(data), "OK");
    assert.equal((await entry("proxlan"))?.["active"], 1);
  });

  it("2.2 read: every interface has the JSON types that the provider's reader needs", async () => {
    await post("proxlan", { bridge_vlan_aware: "1", mtu: "1400" });
    for (const item of list((await client.call("GET", NETWORK)).data).map(record)) {
      assert.equal(typeof item["priority"], "number");
      assert.ok(Array.isArray(item["families"]));
      for (const key of ["iface", "type"]) assert.equal(typeof item[key], "string");
      if (item["mtu"] !== undefined) assert.equal(typeof item["mtu"], "string");
      for (const key of ["autostart", "bridge_vlan_aware"]) {
        assert.ok(item[key] === undefined || item[key] === 1, key);
      }
    }
    const main = await entry("vmbr0");
    assert.deepEqual(
      [main?.["cidr"], main?.["gateway"], main?.["bridge_ports"]],
      ["192.168.1.10/24", "192.168.1.1", "eno1"],
    );
  });

  it("2.2 update: the body repeats iface; a comma list in delete clears; the reload follows", async () => {
    await post("proxlan", { mtu: "1400", comments: "a", cidr: "10.0.0.1/24" });
    await reload();
    const fields = bridge("proxlan", { delete: "mtu,cidr", comments: "b" });
    assert.equal((await client.call("PUT", `${NETWORK}/proxlan`, fields)).status, 200);
    assert.equal(await reload(), "OK");
    const { cidr, mtu, comments } = (await entry("proxlan")) ?? {};
    assert.deepEqual([cidr, mtu, comments], [undefined, undefined, "b\n"]);
  });

  it("2.2 delete: staged, reloaded, and a second one says that the interface does not exist", async () => {
    await post("proxlan");
    await reload();
    assert.equal((await client.call("DELETE", `${NETWORK}/proxlan`)).status, 200);
    assert.equal(await reload(), "OK");
    const again = await client.call("DELETE", `${NETWORK}/proxlan`);
    assert.deepEqual([again.status, again.errors["iface"]], [400, "interface does not exist"]);
  });

  it("2.2: with a token that may neither use nor see bridges the list has none", async () => {
    await post("proxlan");
    const config = (await memory.backend.readFile("pve1", "/etc/pve/user.cfg")) ?? "";
    const poor = config.split("\n").filter((line) => !line.includes(":/sdn/"));
    await memory.backend.writeFile("pve1", "/etc/pve/user.cfg", poor.join("\n"));
    const program = new Client(memory.port, { authorization: PROGRAM_TOKEN });
    const seen = list((await program.call("GET", NETWORK)).data).map(record);
    assert.deepEqual(
      seen.filter(({ type }) => type === "bridge"),
      [],
    );
    assert.notEqual(await entry("proxlan"), undefined);
  });

  it("2.3 row 2: a failed reload has its exit code in the task's words, by which the provider repeats", async () => {
    await post("proxlan");
    await spoilReload({ effect: "fail", value: "command 'ifreload -a' failed: exit code 89" });
    assert.match(await reload(), /exit code 89$/);
    assert.equal(await reload(), "OK");
  });

  it("2.3 row 3; 9 row 5: what a failed reload leaves staged stays staged, and a removal is not seen twice", async () => {
    await post("proxlan");
    await spoilReload({ effect: "die" });
    await reload();
    assert.equal((await entry("proxlan"))?.["iface"], "proxlan");
    assert.equal(await reload(), "OK");
    await client.call("DELETE", `${NETWORK}/proxlan`);
    await spoilReload({ effect: "die" });
    await reload();
    const again = await client.call("DELETE", `${NETWORK}/proxlan`);
    assert.equal(again.errors["iface"], "interface does not exist");
    // The live bridge stays: nobody has taken it down.
    assert.match(
      (await memory.backend.readFile("pve1", "/etc/network/interfaces")) ?? "",
      /^iface proxlan /m,
    );
  });

  it("2.3 row 5: a bridge with VLANs has 2-4094 unless told, and other ids are read as they were sent", async () => {
    await post("proxlan", { bridge_vlan_aware: "1" });
    await post("proxlan2", { bridge_vlan_aware: "1", bridge_vids: "2 4-6" });
    const vids = async (iface: string) => (await entry(iface))?.["bridge_vids"];
    assert.deepEqual([await vids("proxlan"), await vids("proxlan2")], ["2-4094", "2 4-6"]);
    assert.equal((await post("proxlan3", { bridge_vids: "2-x" })).status, 400);
  });
});
