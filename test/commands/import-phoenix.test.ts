import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse } from "yaml";

import { importPhoenix } from "../../commands/import/phoenix";
import { hostKey, template } from "../support/phoenix-files";
import { site } from "../support/sites";

const project = join(__dirname, "..", "..");
const folder = join(__dirname, "phoenix");
const hypervisor = join(folder, "phoenix_hypervisor_config.json");
const lxc = join(folder, "phoenix_lxc_configs.json");
const node = { name: "pve1", ssh: { host: "pve1.lan", hostKey } };

describe("the import of the two Phoenix files", function () {
  this.timeout(60_000);

  const run = (...files: readonly [string, string]) => {
    const { status, stdout, stderr } = spawnSync(
      "make",
      ["import-phoenix", `HYPERVISOR=${files[0]}`, `LXC=${files[1]}`],
      { cwd: project, encoding: "utf8", env: { ...process.env, MAKEFLAGS: "-s" } },
    );
    return { status, stdout, stderr };
  };

  it("prints a declaration that the program takes, once node and template are added", () => {
    const { status, stdout } = run(hypervisor, lxc);
    assert.equal(status, 0);
    const { config } = parse(stdout) as { config: Record<string, object> };
    const whole = site({ node, template, ...config["proximity-lan:site"] });
    assert.equal(whole.network.publicBridge, "vmbr0");
    assert.equal(whole.network.domain, "internal.thinkheads.ai");
    assert.deepEqual(whole.network.upstreamDns, ["8.8.8.8", "1.1.1.1"]);
    assert.equal(whole.storage, "quickOS-lxc-disks");
    assert.deepEqual(whole.obsoleteNat, ["nginx-phoenix"]);
    const [gateway, traefik] = whole.guests;
    assert.ok(gateway?.publicInterface && traefik);
    const { name, vmid, cores, memory, disk } = gateway;
    assert.deepEqual([name, vmid, cores, memory, disk], ["nginx-phoenix", 101, 4, 4096, 32]);
    assert.deepEqual(gateway.internal, {
      bridge: "vmbr1",
      address: "10.0.0.153/24",
      gateway: "10.0.0.1",
      mac: "52:54:00:67:89:B3",
    });
    const { type, mode, ip, gw, macAddress } = gateway.publicInterface;
    assert.deepEqual(
      [type, mode, `${ip.address}/${ip.prefix}`, gw, macAddress],
      ["macvlan", "bridge", "192.168.1.153/24", "192.168.1.1", "02:00:00:00:01:01"],
    );
    assert.deepEqual([traefik.name, traefik.publicInterface], ["traefik-internal", undefined]);
  });

  it("says what it did not carry over, with the reason and without the value", () => {
    const { stderr } = run(hypervisor, lxc);
    for (const line of [
      /^ {2}900 \(Copy-Base\): a template to clone from/m,
      /^ {2}101\.name: Nginx-Phoenix becomes the host name nginx-phoenix\.$/m,
      /^ {2}101\.application_script: .*packages, files and services/m,
      /^ {2}101\.firewall: .*publicInterface\.firewall/m,
      /^ {2}101\.boot_order: /m,
      /^ {2}102\.lxc_options: .*unconfined/m,
      /^ {2}102\.dependencies: /m,
      /^ {2}network\.default_subnet, network\.interfaces, version, users, portainer_api: /m,
      /^ {2}node: /m,
      /^ {2}template: /m,
    ])
      assert.match(stderr, line);
    // What asks for nothing is no loss.
    assert.doesNotMatch(stderr, /gpu_assignment|portainer_role|unprivileged|start_at_boot/);
    assert.doesNotMatch(stderr, /not-to-be-shown|phoenix_admin/);
  });

  it("names every key of a container that it does not use", () => {
    const text: unknown = JSON.parse(readFileSync(lxc, "utf8"));
    const { lxc_configs } = text as { lxc_configs: Record<string, object> };
    const more = { ...lxc_configs["102"], vllm_model: "x", start_at_boot: false };
    const { notes } = importPhoenix({}, { "102": more });
    assert.ok(notes.some((note) => note.startsWith("102.vllm_model: ")));
    assert.ok(notes.some((note) => note.startsWith("102.start_at_boot: every guest starts")));
    assert.ok(notes.some((note) => note.startsWith("network.public_bridge: is not there")));
  });

  it("takes the containers without a frame too, as the plan shows them", () => {
    const nic = { enabled: true, type: "macvlan", ip: "192.168.1.153/24", gw: "192.168.1.1" };
    const { site: parts } = importPhoenix(
      { network: { public_bridge: "vmbr0" } },
      { "101": { name: "Nginx-Phoenix", public_interface: nic } },
    );
    const [guest] = site({ node, template, ...parts }).guests;
    assert.equal(guest?.publicInterface?.ip.address, "192.168.1.153");
    assert.equal(guest.internal.address, "dhcp");
  });

  it("prints no declaration that the program would refuse, and says why", () => {
    const temporary = mkdtempSync(join(tmpdir(), "proximity-import-"));
    try {
      const wrong = join(temporary, "lxc.json");
      writeFileSync(wrong, readFileSync(lxc, "utf8").replace('192.168.1.1"', '192.168.2.1"'));
      const refused = run(hypervisor, wrong);
      assert.notEqual(refused.status, 0);
      assert.equal(refused.stdout, "");
      assert.match(refused.stderr, /nginx-phoenix\.publicInterface\.gw: 192\.168\.2\.1 is outside/);
      writeFileSync(wrong, '{ "lxc_configs": { "101": { "cores": 4 } } }');
      const odd = run(hypervisor, wrong);
      assert.notEqual(odd.status, 0);
      assert.match(odd.stderr, /^ {2}101\.name: is missing\. It must be text\.$/m);
      writeFileSync(
        wrong,
        '{ "lxc_configs": {\n"101": { "name": "a" },\n"101": { "name": "b" } } }',
      );
      assert.match(run(hypervisor, wrong).stderr, /lxc\.json: line 3: a key is there twice/);
      writeFileSync(wrong, '{ "lxc_configs": { "web": { "name": "a" } } }');
      assert.match(run(hypervisor, wrong).stderr, /^ {2}web: is not a VMID\./m);
      writeFileSync(wrong, "{");
      assert.match(run(hypervisor, wrong).stderr, /lxc\.json: .*JSON/);
    } finally {
      rmSync(temporary, { recursive: true });
    }
  });
});
