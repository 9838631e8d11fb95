import assert from "node:assert/strict";

import { list, record } from "../support/client";
import { container, startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

const P = "/nodes/pve1/lxc/100/firewall";

describeEachVersion("lab API: firewall", (version) => {
  let memory: MemoryLab;
  beforeEach(async () => {
    memory = await startMemoryLab({ version });
    await memory.client.run("POST", "/nodes/pve1/lxc", container(100));
  });
  afterEach(async () => memory.lab.close());

  const call = (method: string, path: string, fields = {}) =>
    memory.client.call(method, `${P}${path}`, fields);
  const rules = async () => list((await call("GET", "/rules")).data).map(record);
  const text = () => memory.backend.readFile("pve1", "/etc/pve/firewall/100.fw");
  /** As the provider sends it: empty fields too. */
  const rule = (extra: Readonly<Record<string, string>>) => ({
    type: "in",
    action: "ACCEPT",
    enable: "1",
    comment: "",
    dest: "",
    dport: "",
    macro: "",
    proto: "",
    source: "",
    sport: "",
    ...extra,
  });

  it("puts new rules first, and shows pos as a number in the list and a text alone", async () => {
    await call("POST", "/rules", rule({ dport: "443", proto: "tcp", comment: "web" }));
    await call("POST", "/rules", rule({ macro: "SSH", iface: "net0" }));
    assert.deepEqual(
      (await rules()).map(({ pos, macro, dport }) => [pos, macro, dport]),
      [
        [0, "SSH", undefined],
        [1, undefined, "443"],
      ],
    );
    const single = record((await call("GET", "/rules/1")).data);
    assert.deepEqual([single["pos"], single["comment"], single["enable"]], ["1", "web", 1]);
    assert.equal(
      await text(),
      "[RULES]\n\nIN SSH(ACCEPT) -i net0\nIN ACCEPT -p tcp -dport 443 # web\n",
    );
  });

  it("moves, changes and deletes rules by position", async () => {
    for (const dport of ["3", "2", "1"])
      await call("POST", "/rules", rule({ proto: "tcp", dport }));
    const order = async () => (await rules()).map(({ dport }) => dport);
    await call("PUT", "/rules/0", { moveto: "3" });
    assert.deepEqual(await order(), ["2", "3", "1"]);
    await call("PUT", "/rules/2", { moveto: "0" });
    assert.deepEqual(await order(), ["1", "2", "3"]);
    await call("PUT", "/rules/1", { action: "DROP", delete: "dport" });
    const changed = (await rules())[1];
    assert.deepEqual(
      [changed?.["action"], changed?.["dport"], changed?.["proto"]],
      ["DROP", undefined, "tcp"],
    );
    await call("DELETE", "/rules/2");
    assert.equal((await rules()).length, 2);
    const gone = await call("DELETE", "/rules/2");
    assert.deepEqual([gone.status, gone.reason], [400, "no rule at position 2"]);
  });

  it("refuses an interface that is no net key, forward rules, and rules that would not read back", async () => {
    assert.ok("iface" in (await call("POST", "/rules", rule({ iface: "eth1" }))).errors);
    assert.equal((await call("POST", "/rules", rule({ type: "forward" }))).status, 400);
    assert.equal((await call("POST", "/rules", rule({ action: "accept" }))).status, 400);
    assert.equal((await call("POST", "/rules", rule({ source: "10.0.0.1 -p tcp" }))).status, 400);
    await call("POST", "/rules", rule({ comment: "x\nIN ACCEPT" }));
    assert.equal((await rules()).length, 1);
  });

  it("keeps options, and drops what delete names", async () => {
    const options = { enable: "1", policy_in: "DROP", dhcp: "0", log_level_in: "info" };
    assert.equal((await call("PUT", "/options", options)).status, 200);
    const read = record((await call("GET", "/options")).data);
    assert.deepEqual([read["enable"], read["policy_in"], read["dhcp"]], [1, "DROP", 0]);
    await call("PUT", "/options", { delete: "policy_in" });
    assert.equal(record((await call("GET", "/options")).data)["policy_in"], undefined);
    assert.equal((await call("PUT", "/options", { enable: "maybe" })).status, 400);
  });

  it("keeps aliases and sets; a set goes only when it is empty", async () => {
    await call("POST", "/aliases", { name: "router", cidr: "192.168.1.1", comment: "" });
    assert.equal(
      (await call("POST", "/aliases", { name: "router", cidr: "10.0.0.1" })).status,
      400,
    );
    assert.deepEqual((await call("GET", "/aliases")).data, [
      { name: "router", cidr: "192.168.1.1", comment: "", ipversion: 4 },
    ]);
    await call("POST", "/ipset", { name: "admins", comment: "who" });
    await call("POST", "/ipset/admins", { cidr: "192.168.1.0/24", nomatch: "1" });
    const entries = list((await call("GET", "/ipset/admins")).data).map(record);
    assert.deepEqual([entries[0]?.["cidr"], entries[0]?.["nomatch"]], ["192.168.1.0/24", 1]);
    assert.equal((await call("DELETE", "/ipset/admins")).status, 500);
    await call("DELETE", `/ipset/admins/${encodeURIComponent("192.168.1.0/24")}`);
    assert.equal((await call("DELETE", "/ipset/admins")).status, 200);
  });

  it("has files of its own for node and cluster, and none for a guest that is not there", async () => {
    await memory.client.call("PUT", "/cluster/firewall/options", { enable: "1" });
    await memory.client.call("PUT", "/nodes/pve1/firewall/options", { enable: "0" });
    assert.match(
      (await memory.backend.readFile("pve1", "/etc/pve/firewall/cluster.fw")) ?? "",
      /^enable: 1$/m,
    );
    assert.match(
      (await memory.backend.readFile("pve1", "/etc/pve/nodes/pve1/host.fw")) ?? "",
      /^enable: 0$/m,
    );
    const missing = await memory.client.call("GET", "/nodes/pve1/lxc/999/firewall/rules");
    assert.match(missing.reason, /does not exist/);
  });

  it("keeps groups with rules of their own; a group goes only when it is empty", async () => {
    const groups = "/cluster/firewall/groups";
    const run = (method: string, path: string, fields = {}) =>
      memory.client.call(method, `${groups}${path}`, fields);
    assert.equal((await run("POST", "", { group: "web", comment: "for all" })).status, 200);
    assert.equal((await run("POST", "", { group: "web" })).status, 400);
    const listed = list((await run("GET", "")).data).map(record);
    assert.deepEqual([listed[0]?.["group"], listed[0]?.["comment"]], ["web", "for all"]);
    await run("POST", "/web", { type: "in", action: "ACCEPT", macro: "HTTPS", enable: "1" });
    await run("POST", "/web", { type: "in", action: "ACCEPT", macro: "HTTP", enable: "1" });
    await run("PUT", "/web/1", { action: "DROP" });
    const path = "/etc/pve/firewall/cluster.fw";
    const written = "[group web] # for all\n\nIN HTTP(ACCEPT)\nIN HTTPS(DROP)\n";
    assert.equal(await memory.backend.readFile("pve1", path), written);
    // A change elsewhere in the file leaves the groups alone.
    await memory.client.call("PUT", "/cluster/firewall/options", { enable: "1" });
    assert.ok((await memory.backend.readFile("pve1", path))?.endsWith(written));
    assert.equal((await run("GET", "/nosuch")).status, 400);
    assert.match((await run("DELETE", "/web")).reason, /not empty/);
    await run("DELETE", "/web/1");
    await run("DELETE", "/web/0");
    assert.equal((await run("DELETE", "/web")).status, 200);
    assert.deepEqual((await run("GET", "")).data, []);
  });

  it("goes with its guest", async () => {
    await call("PUT", "/options", { enable: "1" });
    await memory.client.run("DELETE", "/nodes/pve1/lxc/100");
    assert.equal(await text(), undefined);
  });
});
