/** docs/proxmox/provider-calls.md 1, row by row: transport and answers. */
import assert from "node:assert/strict";
import http from "node:http";
import https from "node:https";
import type { TLSSocket } from "node:tls";

import { PROGRAM_TOKEN, Client, FULL_TOKEN, list, record, send } from "../support/client";
import { container, startMemoryLab, type MemoryLab } from "../support/memory-lab";
import { describeEachVersion } from "../support/schemas";

const LXC = "/nodes/pve1/lxc";
const CONFIG = `${LXC}/100/config`;
const UPID =
  /^UPID:pve1:[0-9A-F]{8}:[0-9A-F]{8}:[0-9A-F]{8}:vz[a-z]+:100:(?:root@pam!lab|root@pam):$/;

describeEachVersion("docs/proxmox/provider-calls.md 1", (version) => {
  let memory: MemoryLab;
  let client: Client;
  beforeEach(async () => {
    memory = await startMemoryLab({ version });
    ({ client } = memory);
  });
  afterEach(async () => memory.lab.close());

  /** A request apart from the client's own ways. */
  const raw = (options: https.RequestOptions, body?: string) =>
    send(
      {
        host: "127.0.0.1",
        port: memory.port,
        headers: { authorization: FULL_TOKEN },
        rejectUnauthorized: false,
        agent: false,
        ...options,
      },
      body,
    );

  it("1.1 base: the API is below /api2/json, and nowhere else", async () => {
    assert.equal((await raw({ path: "/api2/json/version" })).status, 200);
    for (const path of ["/version", "/api2/extjs/version", "/lab/api2/json/version"]) {
      assert.equal((await raw({ path })).status, 501, path);
    }
  });

  it("1.1 scheme: plain HTTP gets no answer of the API", async () => {
    const plain = new Promise((resolve, reject) => {
      http
        .get({ host: "127.0.0.1", port: memory.port, path: "/api2/json/version" }, resolve)
        .once("error", reject);
    });
    await assert.rejects(plain);
  });

  it("1.1 TLS: a client that asks for TLS 1.3 at least is served", async () => {
    const protocol = await new Promise<string | null>((resolve, reject) => {
      const options = { host: "127.0.0.1", port: memory.port, path: "/", agent: false };
      const call = https.get({ ...options, rejectUnauthorized: false, minVersion: "TLSv1.3" });
      call.once("error", reject);
      call.once("socket", (socket: TLSSocket) => {
        socket.once("secureConnect", () => {
          resolve(socket.getProtocol());
          call.destroy();
        });
      });
    });
    assert.equal(protocol, "TLSv1.3");
  });

  it("1.1 insecure; 9 row 12: the certificate is the lab's own, and a client that verifies refuses it", async () => {
    const verifying = raw({ path: "/api2/json/version", rejectUnauthorized: true });
    await assert.rejects(verifying, /self-signed certificate/);
  });

  it("1.1 HTTP: HTTP/1.1 with connections that stay open", async () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
    const ports: (number | undefined)[] = [];
    try {
      for (let turn = 0; turn < 2; turn++) {
        await new Promise<void>((resolve, reject) => {
          const options = { host: "127.0.0.1", port: memory.port, path: "/api2/json/version" };
          https
            .get({ ...options, agent, headers: { authorization: FULL_TOKEN } }, (response) => {
              assert.equal(response.httpVersion, "1.1");
              ports.push(response.socket.localPort);
              response.resume().once("end", resolve);
            })
            .once("error", reject);
        });
      }
    } finally {
      agent.destroy();
    }
    assert.equal(ports[0], ports[1]);
  });

  it("1.1 headers: the answer is JSON, as Accept asks for", async () => {
    const headers = { authorization: FULL_TOKEN, accept: "application/json" };
    const answer = await raw({ path: "/api2/json/version", headers });
    assert.match(answer.headers["content-type"] ?? "", /^application\/json/);
    assert.equal(record(answer.data)["version"], version);
  });

  it("1.1 GET / DELETE parameters: they are taken from the query", async () => {
    await client.run("POST", LXC, container(100));
    assert.equal((await raw({ path: "/api2/json/cluster/nextid?vmid=100" })).status, 400);
    const method = "DELETE";
    const refused = await raw({ method, path: `/api2/json${LXC}/100?nonsense=1` });
    assert.deepEqual([refused.status, Object.keys(refused.errors)], [400, ["nonsense"]]);
  });

  it("1.1 POST / PUT parameters: a form is taken, JSON as well, and nothing else", async () => {
    const json = { "content-type": "application/json", authorization: FULL_TOKEN };
    const path = "/api2/json/pools";
    const post = async (type: string, body: string) =>
      (await raw({ method: "POST", path, headers: { ...json, "content-type": type } }, body))
        .status;
    assert.equal(await post("application/x-www-form-urlencoded", "poolid=a"), 200);
    assert.equal(await post("application/json", '{"poolid":"b"}'), 200);
    assert.equal(await post("multipart/form-data; boundary=x", "--x--"), 506);
  });

  it("1.1 no parameters: a PUT with an empty body and no content type is a whole call", async () => {
    const answer = await raw({ method: "PUT", path: "/api2/json/nodes/pve1/network" });
    assert.equal(answer.status, 200);
    assert.equal(await client.task(answer.data), "OK");
  });

  it("1.1 booleans: 1 and 0 are taken, and read back as the numbers 1 and 0", async () => {
    await client.run("POST", LXC, container(100, { onboot: "1", protection: "0" }));
    const { onboot, protection } = record((await client.call("GET", CONFIG)).data);
    assert.deepEqual([onboot, protection], [1, 0]);
    const refused = await client.call("PUT", CONFIG, { onboot: "2" });
    assert.deepEqual(Object.keys(refused.errors), ["onboot"]);
  });

  it("1.1 empty strings: an empty value counts as unset, and empty tags are a blank", async () => {
    await client.run("POST", LXC, container(100, { tags: "a", nameserver: "" }));
    assert.equal(record((await client.call("GET", CONFIG)).data)["nameserver"], undefined);
    assert.equal((await client.call("PUT", CONFIG, { tags: "", hostname: "b" })).status, 200);
    assert.equal(record((await client.call("GET", CONFIG)).data)["tags"], " ");
  });

  it("1.1 lists: delete is taken repeated as well as in one list", async () => {
    await client.run("POST", LXC, container(100, { net1: "name=eth1,bridge=vmbr0", tags: "a" }));
    assert.equal((await client.call("PUT", CONFIG, { delete: ["net1", "net2"] })).status, 200);
    assert.equal((await client.call("PUT", CONFIG, { delete: "net3,tags" })).status, 200);
    const left = record((await client.call("GET", CONFIG)).data);
    assert.deepEqual([left["net1"], left["tags"]], [undefined, undefined]);
  });

  it("1.1 path segments: they are decoded after splitting, and : and @ may stand as they are", async () => {
    const { data } = await client.call("POST", LXC, container(100));
    assert.match(String(data), UPID);
    const path = (upid: string) => `/nodes/pve1/tasks/${upid}/status`;
    const [whole, some] = [encodeURIComponent(String(data)), String(data).replace("!", "%21")];
    for (const upid of [whole.replace("!", "%21"), some]) {
      const answer = await client.call("GET", path(upid));
      assert.equal(answer.status, 200, upid);
    }
    const volume = encodeURIComponent("local:vztmpl/none.tar.zst");
    const gone = await client.call("DELETE", `/nodes/pve1/storage/local/content/${volume}`);
    assert.equal(gone.reason, "volume 'local:vztmpl/none.tar.zst' does not exist");
    await client.task(data);
  });

  it("1.1 trailing slash: it makes no difference", async () => {
    assert.equal((await client.call("GET", "/nodes/")).status, 200);
    assert.equal((await client.call("GET", "/cluster/ha/resources/")).status, 501);
  });

  it("1.2 row 1: every success has data, null where a call answers nothing", async () => {
    const made = await client.call("POST", "/pools", { poolid: "a" });
    assert.deepEqual([made.status, made.envelope], [200, { data: null }]);
    assert.ok("data" in (await client.call("GET", "/version")).envelope);
  });

  it("1.2 row 2: an error is in the reason phrase, in message, and by parameter in errors", async () => {
    const refused = await client.call("POST", LXC, container(100, { memory: "much" }));
    assert.equal(refused.reason, "Parameter verification failed.");
    assert.equal(refused.envelope["message"], "Parameter verification failed.\n");
    assert.equal(refused.errors["memory"], "type check ('integer') failed - got 'much'");
  });

  it("1.2 row 3: what is not there does not exist, in words that remove it from a client's state", async () => {
    const missing = [
      ["GET", `${LXC}/100/config`],
      ["GET", `${LXC}/100/status/current`],
      ["GET", `${LXC}/100/firewall/options`],
      ["DELETE", "/nodes/pve1/storage/local/content/local%3Avztmpl%2Fnone"],
    ] as const;
    for (const [method, path] of missing) {
      const { status, reason } = await client.call(method, path);
      assert.ok(status === 404 || (status === 500 && /does not exist/.test(reason)), path);
    }
  });

  it("1.2 row 4: what is there already exists", async () => {
    await client.run("POST", LXC, container(100));
    assert.match((await client.call("POST", LXC, container(100))).reason, /already exists/);
    await client.call("POST", "/pools", { poolid: "a" });
    assert.match((await client.call("POST", "/pools", { poolid: "a" })).reason, /already exists/);
    const bridge = { iface: "vmbr0", type: "bridge" };
    const { errors } = await client.call("POST", "/nodes/pve1/network", bridge);
    assert.match(errors["iface"] ?? "", /already exists/);
  });

  it("1.2 row 5: bad parameters are a 400 and not a 500, which the provider would repeat", async () => {
    await client.run("POST", LXC, container(100));
    for (const [method, path, fields] of [
      ["POST", LXC, container(101, { memory: "much" })],
      ["POST", LXC, container(101, { net0: "name=eth0,type=macvlan" })],
      ["PUT", `${LXC}/100/resize`, { disk: "rootfs", size: "big" }],
      ["DELETE", `${LXC}/100`, { force: "perhaps" }],
    ] as const) {
      assert.equal((await client.call(method, path, fields)).status, 400, `${method} ${path}`);
    }
  });

  it("1.5 row 1: the list of interfaces tells a node's address, by one with a gateway", async () => {
    const program = new Client(memory.port, { authorization: PROGRAM_TOKEN });
    const all = list((await program.call("GET", "/nodes/pve1/network")).data).map(record);
    const main = all.find(({ gateway, address }) => gateway !== undefined && address !== undefined);
    assert.equal(main?.["address"], "192.168.1.10");
  });
});
