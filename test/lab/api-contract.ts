/** What the API of every node must do: the lab's, whatever stands behind it, and a real one's. */
import assert from "node:assert/strict";

import { describeRefusals } from "./api-contract-refusals";
import { describeWriting } from "./api-contract-writing";
import { list, record, type Client } from "./support/client";

/** A container that the contract may make on a node, run, and destroy. */
export interface Trial {
  readonly vmid: number;
  readonly template: string;
  readonly storage: string;
  readonly bridge: string;
}

/** A node to hold to the contract. */
export interface ApiSubject {
  readonly client: Client;
  /** The same endpoint without a token. */
  readonly stranger: Client;
  readonly node: string;
  /** Absent: nothing is written. */
  readonly trial?: Trial;
  readonly close: () => Promise<void>;
}

type Kind = "string" | "number" | "array";

/** Fails unless each key that is there has this JSON type. */
function assertKinds(
  entry: Readonly<Record<string, unknown>>,
  kinds: Readonly<Record<string, Kind>>,
) {
  for (const [key, kind] of Object.entries(kinds)) {
    const value = entry[key];
    const is = Array.isArray(value) ? "array" : typeof value;
    assert.ok(value === undefined || is === kind, `${key} is ${is}: ${JSON.stringify(entry)}`);
  }
}

/** Describes the contract for one node. `writes` says whether a trial is to be made. */
export function apiContract(
  name: string,
  make: () => Promise<ApiSubject>,
  { writes }: { readonly writes: boolean },
): void {
  describe(`API contract: ${name}`, function () {
    this.timeout(120_000);
    let subject: ApiSubject;
    before(async () => (subject = await make()));
    after(async () => subject.close());

    describeReading(() => subject);
    if (!writes) return;
    describeRefusals(() => subject);
    describeWriting(() => subject);
  });
}

function describeReading(subject: () => ApiSubject): void {
  const get = async (path: string, query = {}) => {
    const answer = await subject().client.call("GET", path, query);
    assert.equal(answer.status, 200, `${path}: ${answer.reason}`);
    return answer.data;
  };
  const onNode = (path: string) => `/nodes/${subject().node}${path}`;
  const records = async (path: string) => list(await get(path)).map(record);

  it("tells its version to those it knows, and nothing to others", async () => {
    const data = record(await get("/version"));
    assert.match(String(data["version"]), /^[89]\.\d+\.\d+$/);
    assertKinds(data, { version: "string", release: "string", repoid: "string" });
    const { status, text } = await subject().stranger.call("GET", "/version");
    assert.deepEqual([status, text], [401, ""]);
  });

  it("lists its node as online, with numbers", async () => {
    const nodes = await records("/nodes");
    const own = nodes.find(({ node }) => node === subject().node);
    assert.equal(own?.["status"], "online");
    for (const key of ["maxcpu", "cpu", "maxmem", "mem", "uptime", "disk", "maxdisk"]) {
      assert.equal(typeof own[key], "number", key);
    }
    assert.deepEqual([own["id"], own["type"]], [`node/${subject().node}`, "node"]);
    assert.equal(typeof own["ssl_fingerprint"], "string");
  });

  it("tells the node's memory and processors", async () => {
    const { memory, cpuinfo, uptime } = record(await get(onNode("/status")));
    assertKinds(record(memory), { free: "number", used: "number", total: "number" });
    assertKinds(record(cpuinfo), {
      cores: "number",
      cpus: "number",
      sockets: "number",
      model: "string",
    });
    assert.equal(typeof uptime, "number");
  });

  it("lists interfaces in the types that clients read, one of them with a gateway", async () => {
    const all = await records(onNode("/network"));
    for (const entry of all) {
      assert.equal(typeof entry["iface"], "string");
      assertKinds(entry, { type: "string", mtu: "string", priority: "number", families: "array" });
      assertKinds(entry, { cidr: "string", gateway: "string", bridge_ports: "string" });
      for (const key of ["method", "method6"]) assert.equal(typeof entry[key], "string", key);
      // Only physical devices are said to exist.
      assert.equal(entry["type"] === "bridge" && "exists" in entry, false);
    }
    assert.ok(all.some(({ gateway }) => gateway !== undefined));
    assert.ok(all.some(({ type }) => type === "bridge"));
  });

  it("refuses an interface name with a hyphen, and a kind of interface that is none", async () => {
    const { client } = subject();
    const hyphen = await client.call("GET", onNode("/network/proximity-lan"));
    assert.deepEqual([hyphen.status, Object.keys(hyphen.errors)], [400, ["iface"]]);
    const kind = await client.call("GET", onNode("/network"), { type: "nonsense" });
    assert.deepEqual([kind.status, Object.keys(kind.errors)], [400, ["type"]]);
  });

  it("lists storages and what is on them", async () => {
    for (const storage of await records(onNode("/storage"))) {
      assertKinds(storage, { storage: "string", type: "string", content: "string" });
      assertKinds(storage, { total: "number", used: "number", avail: "number", active: "number" });
      if (storage["active"] !== 1) continue;
      for (const volume of await records(
        onNode(`/storage/${String(storage["storage"])}/content`),
      )) {
        assertKinds(volume, {
          volid: "string",
          content: "string",
          format: "string",
          size: "number",
        });
        assert.equal(typeof volume["ctime"], "number");
      }
    }
  });

  it("lists containers, and shows the config and state of each in the types that clients read", async () => {
    for (const guest of await records(onNode("/lxc"))) {
      assertKinds(guest, { name: "string", status: "string", tags: "string" });
      const path = onNode(`/lxc/${String(guest["vmid"])}`);
      const config = record(await get(`${path}/config`));
      assertKinds(config, { cores: "number", memory: "number", swap: "number", lxc: "array" });
      assertKinds(config, { rootfs: "string", net0: "string", digest: "string", tags: "string" });
      assert.match(JSON.stringify(config["description"] ?? "\n"), /\\n"$/);
      const status = record(await get(`${path}/status/current`));
      assertKinds(status, {
        cpus: "number",
        maxmem: "number",
        maxswap: "number",
        uptime: "number",
      });
    }
  });

  it("gives the next free id, and says of a taken one that it already exists", async () => {
    assert.match(String(await get("/cluster/nextid")), /^[1-9]\d{2,8}$/);
    const [guest] = await records(onNode("/lxc"));
    if (guest === undefined) return;
    const query = { vmid: String(guest["vmid"]) };
    const taken = await subject().client.call("GET", "/cluster/nextid", query);
    assert.equal(taken.status, 400);
    assert.match(JSON.stringify(taken.envelope), /already exists/);
  });

  it("says of a container that is not there that it does not exist", async () => {
    const missing = String(await get("/cluster/nextid"));
    const answer = await subject().client.call("GET", onNode(`/lxc/${missing}/config`));
    assert.ok(answer.status === 500 || answer.status === 404, String(answer.status));
    assert.match(answer.reason, /does not exist/);
  });

  it("refuses a parameter that a call does not have, by its name", async () => {
    const answer = await subject().client.call("GET", "/version", { nonsense: "1" });
    assert.deepEqual([answer.status, Object.keys(answer.errors)], [400, ["nonsense"]]);
    assert.match(answer.reason, /^Parameter verification failed/);
  });

  it("answers 400 for an invalid or unknown task, and names the parameter", async () => {
    const unknown = `UPID:${subject().node}:00000001:00000001:00000001:vzstart:100:root@pam:`;
    for (const [upid, complaint] of [
      ["nonsense", "unable to parse worker upid"],
      [unknown, "no such task"],
    ] as const) {
      const path = onNode(`/tasks/${encodeURIComponent(upid)}/status`);
      const answer = await subject().client.call("GET", path);
      assert.equal(answer.status, 400);
      assert.equal(answer.reason, "Parameter verification failed.");
      assert.deepEqual(answer.errors, { upid: complaint });
    }
  });

  it("answers 501 for an unknown path, with a message that has no newline", async () => {
    const answer = await subject().client.call("GET", "/nonsense");
    assert.equal(answer.status, 501);
    assert.equal(answer.envelope["message"], "Method 'GET /nonsense' not implemented");
  });

  it("says of a guest's id below 100 that it does not look like one", async () => {
    const answer = await subject().client.call("GET", onNode("/lxc/9/config"));
    assert.deepEqual(answer.errors, {
      vmid: "invalid format - value does not look like a valid VM ID\n",
    });
  });

  it("lists pools", async () => {
    for (const pool of await records("/pools")) assert.equal(typeof pool["poolid"], "string");
  });
}
