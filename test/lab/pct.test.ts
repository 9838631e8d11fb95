import assert from "node:assert/strict";

import { send } from "./support/client";
import { container, startMemoryLab, type MemoryLab } from "./support/memory-lab";
import { describeEachVersion } from "./support/schemas";

describeEachVersion("pct on the node", (version) => {
  let memory: MemoryLab;
  const socketPath = `/tmp/lab-pct-${process.pid}.sock`;
  beforeEach(async () => {
    memory = await startMemoryLab({ version });
    await memory.lab.listenUnix(socketPath);
    await memory.client.run(
      "POST",
      "/nodes/pve1/lxc",
      container(100, { description: "two\nlines" }),
    );
  });
  afterEach(async () => memory.lab.close());

  async function pct(...args: readonly string[]): Promise<{ code: number; output: string }> {
    const form = new URLSearchParams(args.map((arg): [string, string] => ["arg", arg]));
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await send(
      { socketPath, method: "POST", path: "/pct", headers },
      form.toString(),
    );
    assert.equal(answer.status, 200);
    assert.match(answer.headers["content-type"] ?? "", /^text\/plain/);
    return { code: Number(answer.headers["x-exit"]), output: answer.text };
  }

  it("prints the state, and exits 0 for running and stopped alike", async () => {
    assert.deepEqual(await pct("status", "100"), { code: 0, output: "status: stopped\n" });
    await pct("start", "100");
    assert.deepEqual(await pct("status", "100"), { code: 0, output: "status: running\n" });
  });

  it("fails for an unknown id, in Proxmox's words", async () => {
    for (const verb of ["status", "config", "start", "destroy"]) {
      const { code, output } = await pct(verb, "999");
      assert.notEqual(code, 0, verb);
      assert.equal(output, "Configuration file 'nodes/pve1/lxc/999.conf' does not exist\n", verb);
    }
  });

  it("prints a config with one line per key and raw lines last", async () => {
    const path = "/etc/pve/nodes/pve1/lxc/100.conf";
    const text = (await memory.backend.readFile("pve1", path)) ?? "";
    await memory.backend.writeFile("pve1", path, `${text}lxc.net.1.type = macvlan\n`);
    const { code, output } = await pct("config", "100");
    assert.equal(code, 0);
    assert.match(output, /^arch: amd64\n/);
    assert.match(output, /^description: two%0Alines%0A$/m);
    assert.match(output, /^unprivileged: 1\nlxc\.net\.1\.type: macvlan\n$/m);
    assert.doesNotMatch(output, /digest/);
  });

  it("sets options as root@pam, deletes them, and waits for its tasks", async () => {
    assert.equal(
      (
        await pct(
          "set",
          "100",
          "--memory",
          "1024",
          "-tags",
          "a;b",
          "--features",
          "keyctl=1,nesting=1",
        )
      ).code,
      0,
    );
    assert.match(
      (await pct("config", "100")).output,
      /^features: keyctl=1,nesting=1\nhostname: ct100\nmemory: 1024$/m,
    );
    assert.equal((await pct("set", "100", "--delete", "tags,features")).code, 0);
    assert.doesNotMatch((await pct("config", "100")).output, /^(tags|features)/m);
    assert.equal((await pct("start", "100")).code, 0);
    assert.equal((await pct("reboot", "100")).code, 0);
    assert.equal((await pct("shutdown", "100", "--forceStop", "1", "--timeout", "20")).code, 0);
    assert.equal((await memory.backend.guestState("pve1", 100)).running, false);
  });

  it("shows a network change of a running guest as pending", async () => {
    await pct("start", "100");
    await pct("set", "100", "--net1", "name=eth1,bridge=vmbr0,hwaddr=02:00:00:00:00:09");
    assert.match((await pct("config", "100")).output, /^net1: name=eth1/m);
    assert.doesNotMatch((await pct("config", "100", "--current")).output, /^net1/m);
    assert.match((await pct("pending", "100")).output, /^new net1: name=eth1/m);
  });

  it("changes nothing and exits 255 when a value is wrong", async () => {
    const before = await pct("config", "100");
    const { code, output } = await pct(
      "set",
      "100",
      "--net1",
      "name=eth1,bridge=vmbr0,type=macvlan",
    );
    assert.equal(code, 255);
    assert.match(
      output,
      /^400 Parameter verification failed\.\nnet1: invalid format - format error\nnet1\.type: /,
    );
    assert.match(output, /\npct set <vmid> \[OPTIONS\]\n$/);
    assert.deepEqual(await pct("config", "100"), before);
    assert.equal((await pct("set", "100", "--nonsense", "1")).code, 255);
    assert.equal((await pct("set", "100")).output, "no options specified\n");
  });

  it("refuses to start what runs and to destroy what runs", async () => {
    await pct("start", "100");
    assert.deepEqual(await pct("start", "100"), { code: 255, output: "CT 100 already running\n" });
    assert.deepEqual(await pct("destroy", "100"), {
      code: 255,
      output: "unable to destroy CT 100 - container is running\n",
    });
    await pct("stop", "100");
    assert.equal((await pct("destroy", "100")).code, 0);
    assert.deepEqual(await pct("list"), { code: 0, output: "" });
  });

  it("creates and lists", async () => {
    const template = "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst";
    const options = ["--hostname", "web", "--storage", "local-lvm", "--unprivileged", "1"];
    const created = await pct("create", "101", template, ...options);
    assert.equal(created.code, 0, created.output);
    const { output } = await pct("list");
    assert.match(
      output,
      /^VMID +Status +Lock +Name +\n100 +stopped +ct100 +\n101 +stopped +web +\n$/,
    );
    const failed = await pct("create", "102", "local:vztmpl/none", "--storage", "local-lvm");
    assert.equal(failed.code, 255);
    assert.match(failed.output, /^unable to create CT 102 - volume .* does not exist\n$/);
    assert.deepEqual(
      (await pct("create", "101", template)).output,
      "CT 101 already exists on node 'pve1'\n",
    );
  });

  it("knows no other verbs, and says so", async () => {
    const { code, output } = await pct("restore", "100");
    assert.equal(code, 255);
    assert.match(output, /unknown command 'pct restore'/);
    assert.equal((await pct("status")).code, 255);
  });
});
