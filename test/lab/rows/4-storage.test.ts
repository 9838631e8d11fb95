/** docs/proxmox/provider-calls.md 4, 6, 7 and 8, row by row: storage, nodes, what the lab does not have, pools. */
import assert from "node:assert/strict";

import { MemoryBackend } from "../../../lab/backend/memory-backend";
import { list, record } from "../support/client";
import { container, startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

const NODE = "/nodes/pve1";
const STORAGE = `${NODE}/storage`;
const URL = "http://198.51.100.10/alpine.tar.xz";

describeEachVersion("docs/proxmox/provider-calls.md 4, 6, 7 and 8", (version) => {
  let memory: MemoryLab;
  let client: MemoryLab["client"];
  beforeEach(async () => {
    memory = await startMemoryLab({ version });
    ({ client } = memory);
  });
  afterEach(async () => memory.lab.close());

  const get = async (path: string, query = {}) => (await client.call("GET", path, query)).data;
  const content = async (query = {}) =>
    list(await get(`${STORAGE}/local/content`, query)).map(record);
  const metadata = async () =>
    record(await get(`${NODE}/query-url-metadata`, { url: URL, "verify-certificates": "1" }));
  /** As the provider sends it: node and storage are in the body too. */
  const download = (extra = {}) => ({
    content: "vztmpl",
    filename: "alpine.tar.xz",
    node: "pve1",
    storage: "local",
    url: URL,
    "verify-certificates": "1",
    ...extra,
  });
  const DOWNLOAD = `${STORAGE}/local/download-url`;

  it("4 download.File create: metadata with a file name, a task, and the file in the content", async () => {
    assert.equal((await metadata())["filename"], "alpine.tar.xz");
    assert.equal(await client.run("POST", DOWNLOAD, download()), "OK");
    const volids = (await content({ content: "vztmpl" })).map(({ volid }) => volid);
    assert.ok(volids.includes("local:vztmpl/alpine.tar.xz"));
  });

  it("4 read; 4 row 3: the size is a number, and the one that the metadata tells", async () => {
    await client.run("POST", DOWNLOAD, download());
    const file = (await content()).find(({ volid }) => volid === "local:vztmpl/alpine.tar.xz");
    const size = file?.["size"];
    assert.equal(typeof size, "number");
    assert.equal(size, (await metadata())["size"]);
  });

  it("4 delete: by its encoded volume id; one that is not there is not found", async () => {
    await client.run("POST", DOWNLOAD, download());
    const path = `${STORAGE}/local/content/local%3Avztmpl%2Falpine.tar.xz`;
    assert.equal(await client.run("DELETE", path), "OK");
    assert.equal((await client.call("DELETE", path)).status, 404);
  });

  it("4 conflict: a file that is there is not overridden", async () => {
    await client.run("POST", DOWNLOAD, download());
    const again = await client.call("POST", DOWNLOAD, download());
    assert.match(again.reason, /refusing to override existing file/);
  });

  it("4 FileLegacy; 4 oci.Image; 4 row 2: upload, OCI pulls and appliance templates are not implemented", async () => {
    for (const [method, path] of [
      ["POST", `${STORAGE}/local/upload`],
      ["POST", `${STORAGE}/local/oci-registry-pull`],
      ["GET", `${NODE}/aplinfo`],
      ["GET", "/storage/local"],
    ] as const) {
      assert.equal((await client.call(method, path)).status, 501, path);
    }
  });

  it("4 getFiles: volid, content, format as texts, size and vmid as numbers", async () => {
    await client.run("POST", `${NODE}/lxc`, container(100));
    const [disk] = list(await get(`${STORAGE}/local-lvm/content`)).map(record);
    const { ctime, ...rest } = disk ?? {};
    assert.equal(typeof ctime, "number");
    assert.deepEqual(rest, {
      volid: "local-lvm:vm-100-disk-0",
      content: "rootdir",
      format: "raw",
      size: 4 * 2 ** 30,
      vmid: 100,
    });
    const unknown = await client.call("GET", `${STORAGE}/none/content`);
    assert.match(unknown.reason, /does not exist/);
  });

  it("4 getDatastores: every field that the provider reads, in its type, and by content or name", async () => {
    const [local] = list(await get(STORAGE, { storage: "local" })).map(record);
    for (const key of ["storage", "type", "content"]) assert.equal(typeof local?.[key], "string");
    for (const key of "active enabled shared total used avail used_fraction".split(" ")) {
      assert.equal(typeof local?.[key], "number", key);
    }
    const names = list(await get(STORAGE, { content: "vztmpl" })).map(record);
    assert.deepEqual(
      names.map(({ storage }) => storage),
      ["local"],
    );
  });

  it("4 row 1: only the kinds of content and checksum that there are", async () => {
    for (const [key, value] of [
      ["content", "images"],
      ["checksum-algorithm", "crc32"],
    ] as const) {
      const { status, errors } = await client.call("POST", DOWNLOAD, download({ [key]: value }));
      assert.equal(status, 400);
      assert.ok(key in errors, JSON.stringify(errors));
    }
    const checked = download({ checksum: "00", "checksum-algorithm": "sha256" });
    assert.equal((await client.call("POST", DOWNLOAD, checked)).status, 501);
  });

  it("4 row 4: the node fetches the URL itself, and one that it cannot reach is an error", async () => {
    class Unreachable extends MemoryBackend {
      override async urlMetadata(): Promise<never> {
        return Promise.reject(new Error("connection refused"));
      }
    }
    const lab = await startMemoryLab({ version, backend: new Unreachable() });
    try {
      const query = { url: URL };
      const answer = await lab.client.call("GET", `${NODE}/query-url-metadata`, query);
      assert.deepEqual([answer.status, answer.reason], [500, "connection refused"]);
    } finally {
      await lab.lab.close();
    }
  });

  it("6 row 1: the list of nodes has what the choice of a node counts with, the fingerprint always", async () => {
    const [node] = list(await get("/nodes")).map(record);
    assert.deepEqual([node?.["node"], node?.["status"]], ["pve1", "online"]);
    for (const key of ["maxcpu", "cpu", "maxmem", "mem", "uptime"]) {
      assert.equal(typeof node?.[key], "number", key);
    }
    assert.ok(Number.isInteger(node?.["maxcpu"]));
    for (const key of ["level", "ssl_fingerprint"]) assert.equal(typeof node?.[key], "string", key);
  });

  it("6 row 2: used memory is less than all of it, and cpu a fraction", async () => {
    const [node] = list(await get("/nodes")).map(record);
    assert.ok(Number(node?.["mem"]) <= Number(node?.["maxmem"]));
    assert.ok(Number(node?.["cpu"]) >= 0 && Number(node?.["cpu"]) <= 1);
  });

  it("6 row 3: the status of a node has its free memory and its processors", async () => {
    const { memory: ram, cpuinfo, uptime } = record(await get(`${NODE}/status`));
    const { free, used, total } = record(ram);
    assert.equal(Number(free) + Number(used), total);
    const { cores, cpus, sockets, model } = record(cpuinfo);
    assert.deepEqual(
      [cores, cpus, sockets, model, uptime].map((value) => typeof value),
      ["number", "number", "number", "string", "number"],
    );
  });

  it("7 zone; 7 vnet; 7 subnet; 7 applier: SDN is not implemented, and never pretended", async () => {
    for (const path of [
      "/cluster/sdn/zones",
      "/cluster/sdn/vnets",
      "/cluster/sdn/vnets/a/subnets",
    ]) {
      for (const method of ["GET", "POST"]) {
        assert.equal((await client.call(method, path)).status, 501, `${method} ${path}`);
      }
    }
    assert.equal((await client.call("PUT", "/cluster/sdn")).status, 501);
  });

  it("7 HA resource; 7 HA rule; 7 HA group: HA is not implemented, and never pretended", async () => {
    for (const what of ["resources", "rules", "groups"]) {
      for (const method of ["GET", "POST"]) {
        const answer = await client.call(method, `/cluster/ha/${what}/`);
        assert.equal(answer.status, 501, `${method} ${what}`);
      }
    }
  });

  it("8 row 1: a pool is asked for by a query, and is a list of exactly one, or of none", async () => {
    const pool = { poolid: "apps", comment: "words" };
    assert.equal((await client.call("POST", "/pools", pool)).status, 200);
    await client.run("POST", `${NODE}/lxc`, container(100, { pool: "apps" }));
    const [found, ...more] = list(await get("/pools", { poolid: "apps" })).map(record);
    assert.deepEqual(more, []);
    assert.deepEqual(list(found?.["members"]), [
      { id: "lxc/100", node: "pve1", type: "lxc", vmid: 100 },
    ]);
    assert.deepEqual(await get("/pools", { poolid: "none" }), []);
    assert.equal((await client.call("DELETE", "/pools", { poolid: "apps" })).status, 500);
    await client.run("DELETE", `${NODE}/lxc/100`);
    assert.equal((await client.call("DELETE", "/pools", { poolid: "apps" })).status, 200);
  });

  it("8 row 2: members go in and out by the same call", async () => {
    await client.call("POST", "/pools", { poolid: "apps" });
    await client.run("POST", `${NODE}/lxc`, container(100));
    const put = (fields: Readonly<Record<string, string>>) =>
      client.call("PUT", "/pools", { poolid: "apps", ...fields });
    const members = async () => {
      const [pool] = list(await get("/pools", { poolid: "apps" })).map(record);
      return list(pool?.["members"]).map((member) => record(member)["id"]);
    };
    await put({ vms: "100", storage: "local" });
    assert.deepEqual(await members(), ["lxc/100", "storage/pve1/local"]);
    await put({ vms: "100", storage: "local", delete: "1" });
    assert.deepEqual(await members(), []);
    assert.equal((await put({ vms: "100", "allow-move": "1" })).status, 200);
  });
});
