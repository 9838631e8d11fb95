import assert from "node:assert/strict";

import { list, record } from "../support/client";
import { startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

const BRIDGE = { type: "bridge", autostart: "1" };

describeEachVersion("lab API: network", (version) => {
  let memory: MemoryLab;
  beforeEach(async () => (memory = await startMemoryLab({ version })));
  afterEach(async () => memory.lab.close());

  const post = (iface: string, extra = {}) =>
    memory.client.call("POST", "/nodes/pve1/network", { iface, ...BRIDGE, ...extra });
  const entry = async (iface: string) => {
    const { data } = await memory.client.call("GET", "/nodes/pve1/network");
    return list(data)
      .map(record)
      .find((item) => item["iface"] === iface);
  };
  const live = () => memory.backend.readFile("pve1", "/etc/network/interfaces");

  it("lists with the odd JSON types that clients insist on", async () => {
    await post("proxlan", { mtu: "1500", comments: "hello", cidr: "10.20.0.1/24" });
    const bridge = await entry("proxlan");
    assert.equal(bridge?.["mtu"], "1500");
    assert.equal(typeof bridge["priority"], "number");
    assert.equal(bridge["autostart"], 1);
    assert.equal(bridge["cidr"], "10.20.0.1/24");
    assert.deepEqual(bridge["families"], ["inet"]);
    assert.equal(bridge["comments"], "hello\n");
    assert.equal((await entry("vmbr0"))?.["bridge_ports"], "eno1");
    assert.equal(await entry("lo"), undefined);
  });

  it("stages until the reload, shows the difference, and applies it in a task", async () => {
    const before = await live();
    await post("proxlan");
    assert.equal(await live(), before);
    const staged = await memory.client.call("GET", "/nodes/pve1/network");
    assert.match(String(staged.envelope["changes"]), /^\+auto proxlan$/m);
    assert.equal(await memory.client.run("PUT", "/nodes/pve1/network"), "OK");
    assert.match(
      (await live()) ?? "",
      /auto proxlan\niface proxlan inet manual\n\tbridge-ports none\n\tbridge-stp off\n\tbridge-fd 0\n/,
    );
    const after = await memory.client.call("GET", "/nodes/pve1/network");
    assert.equal(after.envelope["changes"], undefined);
    assert.match((await live()) ?? "", /^source \/etc\/network\/interfaces\.d\/\*$/m);
  });

  it("drops everybody's staged changes on request", async () => {
    await post("proxlan");
    await memory.client.call("DELETE", "/nodes/pve1/network");
    assert.equal(await entry("proxlan"), undefined);
  });

  it("updates from the full record, and clears what delete names", async () => {
    await post("proxlan", { cidr: "10.20.0.1/24", mtu: "1400", comments: "one" });
    const path = "/nodes/pve1/network/proxlan";
    const put = { iface: "proxlan", ...BRIDGE, comments: "two", delete: "cidr,mtu" };
    assert.equal((await memory.client.call("PUT", path, put)).status, 200);
    const bridge = await entry("proxlan");
    assert.equal(bridge?.["cidr"], undefined);
    assert.equal(bridge?.["mtu"], undefined);
    assert.equal(bridge?.["method"], "manual");
    assert.equal(bridge["comments"], "two\n");
  });

  it("forgets an address that an update does not send again", async () => {
    await post("proxlan", { cidr: "10.20.0.1/24" });
    await memory.client.call("PUT", "/nodes/pve1/network/proxlan", { iface: "proxlan", ...BRIDGE });
    assert.equal((await entry("proxlan"))?.["method"], "manual");
  });

  it("deletes a bridge, and answers like Proxmox when it is gone", async () => {
    await post("proxlan");
    await memory.client.run("PUT", "/nodes/pve1/network");
    const path = "/nodes/pve1/network/proxlan";
    assert.equal((await memory.client.call("DELETE", path)).status, 200);
    await memory.client.run("PUT", "/nodes/pve1/network");
    assert.equal(await entry("proxlan"), undefined);
    const again = await memory.client.call("DELETE", path);
    assert.equal(again.status, 400);
    assert.deepEqual(again.errors, { iface: "interface does not exist" });
  });

  it("refuses a name that is taken, and names that Proxmox cannot have", async () => {
    const taken = await post("vmbr0");
    assert.deepEqual([taken.status, taken.errors], [400, { iface: "interface already exists" }]);
    for (const iface of ["proximity-lan", "prox.lan", "0br", "br-", "x", "a".repeat(21)]) {
      const answer = await post(iface);
      assert.equal(answer.status, 400, iface);
      assert.ok(answer.errors["iface"], iface);
      assert.equal(answer.reason, "Parameter verification failed.");
    }
    for (const iface of ["vmbr9999", "proxlan", "prox_lan"]) {
      assert.equal((await post(iface)).status, 200, iface);
    }
  });

  it("refuses a hyphen in the path of a change or removal", async () => {
    for (const method of ["PUT", "DELETE"]) {
      const fields = method === "PUT" ? BRIDGE : {};
      const answer = await memory.client.call(method, "/nodes/pve1/network/proximity-lan", fields);
      assert.equal(answer.status, 400);
      assert.match(answer.errors["iface"] ?? "", /invalid network interface name/);
    }
  });

  it("refuses a second gateway and a port that another bridge has", async () => {
    const gateway = await post("proxlan", { cidr: "10.0.0.2/24", gateway: "10.0.0.1" });
    assert.match(gateway.errors["gateway"] ?? "", /already exists on interface 'vmbr0'/);
    const port = await post("proxlan", { bridge_ports: "eno1" });
    assert.match(port.errors["bridge_ports"] ?? "", /already used on interface 'vmbr0'/);
  });

  it("keeps a comment a comment, whatever it holds", async () => {
    const comments = "nice\n\tpost-up touch /tmp/owned\nauto eth9";
    await post("proxlan", { comments });
    const text = await memory.backend.readFile("pve1", "/etc/network/interfaces.new");
    assert.match(text ?? "", /^#\tpost-up touch \/tmp\/owned$/m);
    assert.doesNotMatch(text ?? "", /^\s*post-up/m);
    assert.doesNotMatch(text ?? "", /^auto eth9/m);
  });

  it("does not show what interfaces.d holds", async () => {
    const text = "auto proximity-lan\niface proximity-lan inet manual\n\tbridge-ports none\n";
    await memory.backend.writeFile("pve1", "/etc/network/interfaces.d/proximity-lan", text);
    assert.equal(await entry("proximity-lan"), undefined);
  });

  it("fails the task, not the call, when the reload fails", async () => {
    memory.backend.reloadNetwork = () => Promise.resolve({ code: 89, output: "error: locked" });
    const exit = await memory.client.run("PUT", "/nodes/pve1/network");
    assert.equal(exit, "command 'ifreload -a' failed: exit code 89");
  });
});
