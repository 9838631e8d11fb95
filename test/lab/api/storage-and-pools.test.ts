import assert from "node:assert/strict";

import { list, record } from "../support/client";
import { container, startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

const STORAGE = "/nodes/pve1/storage";

describeEachVersion("lab API: storage", (version) => {
  let memory: MemoryLab;
  beforeEach(async () => (memory = await startMemoryLab({ version })));
  afterEach(async () => memory.lab.close());

  const content = async (query = {}) =>
    list((await memory.client.call("GET", `${STORAGE}/local/content`, query)).data).map(record);

  it("lists storages with numbers, and those that take containers", async () => {
    const all = list((await memory.client.call("GET", STORAGE)).data).map(record);
    assert.deepEqual(
      all.map(({ storage, active }) => [storage, active]),
      [
        ["local", 1],
        ["local-lvm", 1],
      ],
    );
    for (const { total, used, avail } of all) assert.equal(Number(used) + Number(avail), total);
    const templates = await memory.client.call("GET", STORAGE, { content: "vztmpl" });
    assert.deepEqual(
      list(templates.data).map((item) => record(item)["storage"]),
      ["local"],
    );
  });

  it("downloads a template, refuses to do it twice, and deletes it", async () => {
    const url = "http://198.51.100.10/alpine.tar.xz";
    const meta = await memory.client.call("GET", "/nodes/pve1/query-url-metadata", {
      url,
      "verify-certificates": "1",
    });
    assert.equal(record(meta.data)["filename"], "alpine.tar.xz");
    const request = {
      content: "vztmpl",
      filename: "alpine.tar.xz",
      node: "pve1",
      storage: "local",
      url,
      "verify-certificates": "1",
    };
    const path = `${STORAGE}/local/download-url`;
    assert.equal(await memory.client.run("POST", path, request), "OK");
    const again = await memory.client.call("POST", path, request);
    assert.equal(again.reason, "refusing to override existing file 'alpine.tar.xz'");
    const volid = "local:vztmpl/alpine.tar.xz";
    assert.ok((await content({ content: "vztmpl" })).some((volume) => volume["volid"] === volid));
    await memory.client.run("DELETE", `${STORAGE}/local/content/${encodeURIComponent(volid)}`);
    assert.equal((await content()).length, 1);
  });

  it("keeps a volume that a guest uses", async () => {
    await memory.client.run("POST", "/nodes/pve1/lxc", container(100));
    const volid = encodeURIComponent("local-lvm:vm-100-disk-0");
    const kept = await memory.client.call("DELETE", `${STORAGE}/local-lvm/content/${volid}`);
    assert.match(kept.reason, /in use by CT 100/);
  });
});

describeEachVersion("lab API: nodes", (version) => {
  it("shows what clients count with, the fingerprint always", async () => {
    const { client, lab } = await startMemoryLab({ version });
    try {
      const [node] = list((await client.call("GET", "/nodes")).data).map(record);
      assert.deepEqual(
        [node?.["node"], node?.["status"], node?.["ssl_fingerprint"]],
        ["pve1", "online", ""],
      );
      const { memory: ram } = record((await client.call("GET", "/nodes/pve1/status")).data);
      const { free, used, total } = record(ram);
      assert.equal(Number(free) + Number(used), total);
      const all = list((await client.call("GET", "/cluster/resources")).data).map(record);
      assert.deepEqual(
        all.map(({ id }) => id),
        ["node/pve1", "storage/pve1/local", "storage/pve1/local-lvm"],
      );
    } finally {
      await lab.close();
    }
  });
});

describeEachVersion("lab API: pools", (version) => {
  let memory: MemoryLab;
  beforeEach(async () => (memory = await startMemoryLab({ version })));
  afterEach(async () => memory.lab.close());

  const pools = (method: string, fields = {}) => memory.client.call(method, "/pools", fields);
  const members = async (poolid: string) => {
    const [pool] = list((await pools("GET", { poolid })).data).map(record);
    return list(pool?.["members"]).map((item) => record(item)["id"]);
  };

  it("holds the guests that are created in it, until they are destroyed", async () => {
    await pools("POST", { poolid: "apps", comment: "a: b" });
    await memory.client.run("POST", "/nodes/pve1/lxc", container(100, { pool: "apps" }));
    assert.deepEqual(await members("apps"), ["lxc/100"]);
    assert.equal((await pools("DELETE", { poolid: "apps" })).status, 500);
    await memory.client.run("DELETE", "/nodes/pve1/lxc/100");
    assert.deepEqual(await members("apps"), []);
    const [pool] = list((await pools("GET", { poolid: "apps" })).data).map(record);
    assert.equal(pool?.["comment"], "a: b");
    assert.equal((await pools("DELETE", { poolid: "apps" })).status, 200);
    assert.deepEqual((await pools("GET", { poolid: "apps" })).data, []);
  });

  it("takes members in and out, and refuses what is not there", async () => {
    await memory.client.run("POST", "/nodes/pve1/lxc", container(100));
    await pools("POST", { poolid: "apps", comment: "" });
    assert.equal((await pools("POST", { poolid: "apps" })).status, 500);
    await pools("PUT", { poolid: "apps", vms: "100", comment: "new" });
    assert.deepEqual(await members("apps"), ["lxc/100"]);
    await pools("PUT", { poolid: "apps", vms: "100", delete: "1" });
    assert.deepEqual(await members("apps"), []);
    assert.match(
      (await pools("PUT", { poolid: "apps", vms: "999" })).reason,
      /VM 999 does not exist/,
    );
    const nowhere = await memory.client.call(
      "POST",
      "/nodes/pve1/lxc",
      container(101, { pool: "none" }),
    );
    assert.equal(nowhere.status, 403);
    assert.equal(nowhere.reason, "Permission check failed (pool 'none' does not exist)");
  });
});
