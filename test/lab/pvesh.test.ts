import assert from "node:assert/strict";

import { send } from "./support/client";
import { container, startMemoryLab, type MemoryLab } from "./support/memory-lab";
import { describeEachVersion } from "./support/schemas";

describeEachVersion("pvesh on the node", (version) => {
  let memory: MemoryLab;
  const socketPath = `/tmp/lab-pvesh-${process.pid}.sock`;
  beforeEach(async () => {
    memory = await startMemoryLab({ version, lockTimeoutMs: 100 });
    await memory.lab.listenUnix(socketPath);
  });
  afterEach(async () => memory.lab.close());

  async function ask(command: string, ...args: readonly string[]) {
    const form = new URLSearchParams(args.map((arg): [string, string] => ["arg", arg]));
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const request = { socketPath, method: "POST", path: `/${command}`, headers };
    const answer = await send(request, form.toString());
    return { code: Number(answer.headers["x-exit"]), output: answer.text };
  }
  const pvesh = (...args: readonly string[]) => ask("pvesh", ...args);
  const JSON_OUT = ["--output-format", "json"];

  it("gets what the API has, as JSON, and texts as they are", async () => {
    const { code, output } = await pvesh("get", "/nodes", ...JSON_OUT);
    assert.equal(code, 0);
    assert.match(output, /^\[\{"node":"pve1",/);
    assert.deepEqual(await pvesh("get", "/cluster/nextid"), { code: 0, output: "100\n" });
    const table = await pvesh("get", "/nodes");
    assert.equal(table.code, 255);
    assert.match(table.output, /add --output-format json/);
  });

  it("creates, sets and deletes as root@pam, and waits for tasks", async () => {
    const options = Object.entries(container(100, { features: "nesting=1,keyctl=1" })).flatMap(
      ([key, value]) => [`--${key}`, value],
    );
    const created = await pvesh("create", "/nodes/pve1/lxc", ...options);
    assert.equal(created.code, 0, created.output);
    assert.match(created.output, /^UPID:pve1:.*:vzcreate:100:root@pam:$/m);
    const set = await pvesh("set", "/nodes/pve1/lxc/100/config", "--memory", "768");
    assert.deepEqual(set, { code: 0, output: "" });
    assert.match((await pvesh("get", "nodes/pve1/lxc/100/config", ...JSON_OUT)).output, /768/);
    assert.equal((await pvesh("delete", "/nodes/pve1/lxc/100")).code, 0);
    assert.deepEqual(await memory.lab.context.guests.vmids("pve1"), []);
  });

  it("says what is wrong with a parameter, and what the lab does not have", async () => {
    const wrong = await pvesh("create", "/pools", "--nonsense", "1");
    assert.equal(wrong.code, 255);
    assert.match(wrong.output, /^400 Parameter verification failed\.\n(?:.*\n)*nonsense: /);
    for (const path of ["/cluster/sdn/zones", "/cluster/ha/resources"]) {
      const { code, output } = await pvesh("create", path);
      assert.equal(code, 255);
      assert.match(output, new RegExp(`^No 'create' handler defined for '${path}' in the lab`));
    }
    assert.equal((await pvesh("ls", "/")).code, 255);
    assert.equal((await pvesh("get", "/version", "more")).code, 255);
  });

  it("is met by faults of tasks and locks, as pct is, and not by those of the proxy's requests", async () => {
    const { faults } = memory.lab.context;
    await memory.client.run("POST", "/nodes/pve1/lxc", container(100));
    await faults.order({ kind: "request", target: "* **", effect: "status", value: "596" });
    assert.equal((await pvesh("get", "/version", ...JSON_OUT)).code, 0);
    await faults.order({ kind: "task", target: "vzstart 100", effect: "fail", value: "no power" });
    const start = "/nodes/pve1/lxc/100/status/start";
    assert.deepEqual(await pvesh("create", start), { code: 255, output: "no power\n" });
    const pct = await ask("pct", "start", "100");
    assert.deepEqual([pct.code, pct.output], [255, "no power\n"]);
    await faults.order({ kind: "lock", target: "100", effect: "hold", value: "300", times: 1 });
    const late = await ask("pct", "set", "100", "--memory", "768");
    assert.match(late.output, /^can't lock file .* - got timeout\n$/);
  });
});
