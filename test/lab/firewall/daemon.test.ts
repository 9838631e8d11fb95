import assert from "node:assert/strict";

import { runPveFirewall } from "../../../lab/firewall/command";
import type { Ruleset } from "../../../lab/firewall/compile";
import { FirewallDaemon, LOADED } from "../../../lab/firewall/daemon";
import { MemoryBackend } from "../../../lab/backend/memory-backend";

const CLUSTER = "/etc/pve/firewall/cluster.fw";
const ON = "[OPTIONS]\nenable: 1\n";

describe("the firewall's daemon and its command", () => {
  let backend: MemoryBackend;
  let loads: Ruleset[];
  let log: string[];
  let refuse: boolean;
  let daemon: FirewallDaemon;

  beforeEach(() => {
    backend = new MemoryBackend();
    loads = [];
    log = [];
    refuse = false;
    daemon = new FirewallDaemon({
      backend,
      load: async (node, ruleset, digest) => {
        if (refuse) throw new Error("iptables-restore: line 3 failed");
        loads.push(ruleset);
        await backend.writeFile(node, LOADED, `${digest}\n`);
      },
      log: (node, line) => log.push(`${node} ${line}`),
    });
  });
  const update = (): Promise<void> => daemon.update("pve1");
  const write = (path: string, text: string): Promise<void> =>
    backend.writeFile("pve1", path, text);
  const status = async (): Promise<string> =>
    (await runPveFirewall(backend, "pve1", ["status"])).stdout;

  it("loads nothing on a node whose firewall was never on", async () => {
    await update();
    assert.deepEqual([loads, log], [[], []]);
    assert.equal(await status(), "Status: disabled/running\n");
  });

  it("loads a change once, and the empty ruleset when it is switched off", async () => {
    await write(CLUSTER, ON);
    assert.equal(await status(), "Status: enabled/running (pending changes)\n");
    await update();
    await update();
    assert.equal(loads.length, 1);
    assert.equal(await status(), "Status: enabled/running\n");
    await write(CLUSTER, "");
    await update();
    await update();
    assert.deepEqual(loads[1], { ipset: "", iptables: "", ip6tables: "", bridge: "" });
    assert.equal(loads.length, 2);
  });

  it("loads again on a node that lost its rules with its power", async () => {
    await write(CLUSTER, ON);
    await update();
    await backend.removeFile("pve1", LOADED);
    await update();
    assert.equal(loads.length, 2);
    assert.deepEqual(loads[0], loads[1]);
  });

  it("keeps the old rules for one bad line, and says so once", async () => {
    await write(CLUSTER, ON);
    await update();
    await write(CLUSTER, `${ON}enable: 0\n`);
    await update();
    await update();
    assert.equal(loads.length, 1);
    const errors = log.filter((line) => line.includes("the old ones stay"));
    assert.equal(errors.length, 1);
    assert.match(errors[0] ?? "", /^pve1 .*cluster\.fw \(line 3\): duplicate option 'enable'/);
    const said = await runPveFirewall(backend, "pve1", ["compile"]);
    assert.equal(said.code, 0);
    assert.match(said.stderr, /^\/etc\/pve\/firewall\/cluster\.fw \(line 3\): duplicate option/);
    assert.match(said.stdout, /^ipset cmdlist:\n/);
  });

  it("tells what the kernel refuses, and tries again", async () => {
    await write(CLUSTER, ON);
    refuse = true;
    await update();
    assert.match(log.join(), /iptables-restore: line 3 failed/);
    refuse = false;
    await update();
    assert.equal(loads.length, 1);
  });

  it("tells the local network, its own or the cluster's", async () => {
    const localnet = async (): Promise<string> =>
      (await runPveFirewall(backend, "pve1", ["localnet"])).stdout;
    assert.match(await localnet(), /^using detected local_network: 192\.168\.1\.0\/24$/m);
    await write(CLUSTER, "[ALIASES]\nlocal_network 10.0.0.0/8\n");
    assert.match(await localnet(), /^using user defined local_network: 10\.0\.0\.0\/8$/m);
  });

  it("refuses a verb that it does not have, and arguments that no verb takes", async () => {
    assert.equal((await runPveFirewall(backend, "pve1", ["simulate"])).code, 255);
    const { code, stderr } = await runPveFirewall(backend, "pve1", ["status", "x"]);
    assert.equal(code, 255);
    assert.match(stderr, /too many arguments/);
  });
});
