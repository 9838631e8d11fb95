/** docs/proxmox/provider-calls.md 5, row by row: the firewall of a guest by the API. */
import assert from "node:assert/strict";

import { Client, PROGRAM_TOKEN, list, record } from "../support/client";
import { container, startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

const P = "/nodes/pve1/lxc/100/firewall";
const GROUPS = "/cluster/firewall/groups";

/** A rule as the provider sends it: fields without a value are sent empty. */
const rule = (extra: Readonly<Record<string, string>>) => ({
  ...{ type: "in", action: "ACCEPT", enable: "1", comment: "", dest: "", dport: "" },
  ...{ macro: "", proto: "", source: "", sport: "" },
  ...extra,
});

describeEachVersion("docs/proxmox/provider-calls.md 5", (version) => {
  let memory: MemoryLab;
  let program: Client;
  beforeEach(async () => {
    memory = await startMemoryLab({ version });
    program = new Client(memory.port, { authorization: PROGRAM_TOKEN });
    await program.run("POST", "/nodes/pve1/lxc", container(100));
  });
  afterEach(async () => memory.lab.close());

  const call = (method: string, path: string, fields = {}) =>
    program.call(method, P + path, fields);
  const rules = async () => list((await call("GET", "/rules")).data).map(record);
  const ports = async () => (await rules()).map(({ dport }) => dport);
  const port = (dport: string) => call("POST", "/rules", rule({ proto: "tcp", dport }));

  it("5 options: all ten in one call, read back as switches and words; there is no removal", async () => {
    const switches = { enable: "1", dhcp: "1", ipfilter: "0", macfilter: "1", ndp: "0", radv: "0" };
    const words = { policy_in: "DROP", policy_out: "ACCEPT" };
    const levels = { log_level_in: "info", log_level_out: "nolog" };
    const sent = { ...switches, ...words, ...levels };
    assert.equal((await call("PUT", "/options", sent)).status, 200);
    const { digest, ...read } = record((await call("GET", "/options")).data);
    const numbers = Object.entries(switches).map(([key, value]) => [key, Number(value)] as const);
    assert.deepEqual(read, { ...Object.fromEntries(numbers), ...words, ...levels });
    assert.equal(typeof digest, "string");
    assert.equal((await call("DELETE", "/options")).status, 501);
    assert.equal((await call("PUT", "/options", { policy_in: "MAYBE" })).status, 400);
  });

  it("5 rules create; 9 row 9: the list is empty before, and each new rule goes to the top", async () => {
    assert.deepEqual(await rules(), []);
    for (const dport of ["3", "2", "1"]) assert.equal((await port(dport)).status, 200);
    assert.deepEqual(await ports(), ["1", "2", "3"]);
  });

  it("5 rules read: pos is a number in the list and a text alone", async () => {
    await port("80");
    assert.equal((await rules())[0]?.["pos"], 0);
    assert.equal(record((await call("GET", "/rules/0")).data)["pos"], "0");
  });

  it("5 rules update: moveto moves and changes nothing else; then attributes, then delete", async () => {
    for (const dport of ["3", "2", "1"]) await port(dport);
    assert.equal((await call("PUT", "/rules/0", { moveto: "3" })).status, 200);
    assert.deepEqual(await ports(), ["2", "3", "1"]);
    const change = { ...rule({ proto: "udp" }), delete: "dport,comment" };
    assert.equal((await call("PUT", "/rules/1", change)).status, 200);
    assert.deepEqual(await ports(), ["2", undefined, "1"]);
    assert.equal((await rules())[1]?.["proto"], "udp");
  });

  it("5 rules delete: by position from the last; a missing one says no rule at position", async () => {
    for (const dport of ["2", "1"]) await port(dport);
    for (const pos of [1, 0]) assert.equal((await call("DELETE", `/rules/${pos}`)).status, 200);
    const gone = await call("DELETE", "/rules/0");
    assert.match(gone.reason, /no rule at position 0/);
  });

  it("5 rule fields: empty ones count as unset; directions, actions, macros and groups are checked", async () => {
    const sent = { dport: "443", proto: "tcp", iface: "net0", log: "info", comment: "web" };
    await call("POST", "/rules", rule(sent));
    const [read] = await rules();
    assert.deepEqual(
      ["dport", "proto", "iface", "log", "comment", "source", "macro"].map((key) => read?.[key]),
      ["443", "tcp", "net0", "info", "web", undefined, undefined],
    );
    for (const wrong of [{ type: "across" }, { type: "forward" }, { action: "allow it" }]) {
      assert.equal((await call("POST", "/rules", rule(wrong))).status, 400, JSON.stringify(wrong));
    }
    assert.equal((await rules()).length, 1);
  });

  it("5 ipset: made, filled, renamed, emptied, removed", async () => {
    const made = { name: "admins", comment: "c" };
    assert.equal((await call("POST", "/ipset", made)).status, 200);
    const entry = { cidr: "10.0.0.0/24", nomatch: "1", comment: "d" };
    assert.equal((await call("POST", "/ipset/admins", entry)).status, 200);
    const [read] = list((await call("GET", "/ipset/admins")).data).map(record);
    assert.deepEqual([read?.["cidr"], read?.["nomatch"]], ["10.0.0.0/24", 1]);
    const renamed = { name: "root", rename: "admins", comment: "e" };
    assert.equal((await call("POST", "/ipset", renamed)).status, 200);
    const [set] = list((await call("GET", "/ipset")).data).map(record);
    assert.deepEqual([set?.["name"], set?.["comment"]], ["root", "e"]);
    assert.notEqual((await call("DELETE", "/ipset/root")).status, 200);
    assert.equal((await call("DELETE", "/ipset/root/10.0.0.0%2F24")).status, 200);
    assert.equal((await call("DELETE", "/ipset/root")).status, 200);
  });

  it("5 alias: made, read with its ip version as a number, changed and renamed, removed", async () => {
    const made = { name: "router", cidr: "192.168.1.1", comment: "c" };
    assert.equal((await call("POST", "/aliases", made)).status, 200);
    const read = record((await call("GET", "/aliases/router")).data);
    assert.deepEqual([read["cidr"], read["ipversion"]], ["192.168.1.1", 4]);
    const changed = { cidr: "192.168.1.2", rename: "other" };
    assert.equal((await call("PUT", "/aliases/router", changed)).status, 200);
    assert.equal((await call("GET", "/aliases/router")).status >= 400, true);
    assert.equal((await call("DELETE", "/aliases/other")).status, 200);
  });

  it("5 security group: of the cluster, with rules of its own; removed when it has none", async () => {
    const { client } = memory;
    assert.equal((await client.call("POST", GROUPS, { group: "web", comment: "c" })).status, 200);
    const [group] = list((await client.call("GET", GROUPS)).data).map(record);
    assert.equal(group?.["group"], "web");
    assert.equal(typeof group["digest"], "string");
    const web = rule({ macro: "HTTP" });
    assert.equal((await client.call("POST", `${GROUPS}/web`, web)).status, 200);
    const used = rule({ type: "group", action: "web", iface: "net0" });
    assert.equal((await call("POST", "/rules", used)).status, 200);
    assert.notEqual((await client.call("DELETE", `${GROUPS}/web`)).status, 200);
    assert.equal((await client.call("DELETE", `${GROUPS}/web/0`)).status, 200);
    assert.equal((await client.call("DELETE", `${GROUPS}/web`)).status, 200);
    const refused = await program.call("POST", GROUPS, { group: "mine" });
    assert.equal(refused.reason, "Permission check failed (/, Sys.Modify)");
  });
});
