/** docs/proxmox/provider-calls.md 3.5, row by row, with the real provider: what a change of a container does. */
import assert from "node:assert/strict";

import { startMemoryLab, type MemoryLab } from "../lab/support/memory-lab";
import { PROGRAM_HEAD, Project } from "./project";

/** Inputs of the container, as TypeScript; what a test does not give is as here. */
const INPUTS: Readonly<Record<string, string>> = {
  vmId: "100",
  started: "true",
  startOnBoot: "false",
  description: '"first"',
  tags: '["one", "two"]',
  unprivileged: "true",
  features: "{ nesting: true }",
  cpu: "{ cores: 1 }",
  memory: "{ dedicated: 512, swap: 0 }",
  disk: '{ datastoreId: "local-lvm", size: 6 }',
  operatingSystem:
    '{ templateFileId: "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst", type: "debian" }',
  initialization: '{ hostname: "guest", ipConfigs: [{ ipv4: { address: "dhcp" } }] }',
  networkInterfaces: '[{ name: "eth0", bridge: "vmbr0" }]',
};

const program = (changed: Readonly<Record<string, string>>) => `${PROGRAM_HEAD}
new proxmoxve.ContainerLegacy("guest", {
  nodeName: "pve1",
${Object.entries({ ...INPUTS, ...changed })
  .map(([key, value]) => `  ${key}: ${value},`)
  .join("\n")}
}, { provider, deleteBeforeReplace: true });
`;

describe("changes of a container by the real provider", function () {
  this.timeout(300_000);
  let memory: MemoryLab;
  let project: Project;
  const requests: string[] = [];

  before(async () => {
    memory = await startMemoryLab({ taskDelayMs: 50, log: (line) => requests.push(line) });
    project = await Project.create({ LAB_ENDPOINT: `https://127.0.0.1:${memory.port}/` });
  });
  after(async () => {
    await project.remove();
    await memory.lab.close();
  });

  /** Brings the program to these inputs; tells the calls that changed something, without their numbers. */
  async function change(inputs: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
    await project.program(program(inputs));
    requests.length = 0;
    await project.pulumi("up", "--yes", "--skip-preview");
    const calls = requests
      .filter((line) => !line.startsWith("GET "))
      .map((line) => line.replace(/ -> .*$/, "").replace("/api2/json/nodes/pve1/lxc", ""));
    await project.pulumi("preview", "--refresh", "--expect-no-changes", "--diff");
    return calls;
  }
  const conf = async () =>
    (await memory.backend.readFile("pve1", "/etc/pve/nodes/pve1/lxc/100.conf")) ?? "";

  it("makes the container to begin with", async () => {
    assert.deepEqual(await change(), ["POST "]);
  });

  it("3.5 cpu; 3.5 row 2: cores, tags, description and boot flag are one PUT, and no reboot", async () => {
    assert.deepEqual(
      await change({
        cpu: "{ cores: 2 }",
        tags: '["zwei", "eins"]',
        description: '"second\\nline"',
        startOnBoot: "true",
      }),
      ["PUT /100/config"],
    );
    assert.match(await conf(), /^#second\n#line\n/);
    assert.match(await conf(), /^cores: 2$/m);
    assert.match(await conf(), /^tags: eins;zwei$/m);
    assert.match(await conf(), /^onboot: 1$/m);
    await change({ tags: "[]" });
    // As Proxmox stores an empty list (docs/proven-on.md).
    assert.match(await conf(), /^tags: $/m);
  });

  it("3.5 networkInterfaces; 3.5 row 1: a net, memory or hostname is a PUT and a reboot; nets that went are deleted", async () => {
    const two = '[{ name: "eth0", bridge: "vmbr0" }, { name: "eth1", bridge: "vmbr0" }]';
    assert.deepEqual(await change({ networkInterfaces: two }), [
      "PUT /100/config",
      "POST /100/status/reboot",
    ]);
    assert.match(await conf(), /^net1: name=eth1,bridge=vmbr0,/m);
    const wish = { memory: "{ dedicated: 768, swap: 0 }" };
    assert.deepEqual(await change(wish), ["PUT /100/config", "POST /100/status/reboot"]);
    assert.doesNotMatch(await conf(), /^net1:/m);
    assert.match(await conf(), /^memory: 768$/m);
  });

  it("3.5 started: stops by a forced shutdown, and starts again", async () => {
    const stopped = await change({ started: "false" });
    assert.ok(stopped.includes("POST /100/status/shutdown"), stopped.join());
    assert.equal((await memory.backend.guestState("pve1", 100)).running, false);
    const started = await change();
    assert.ok(started.includes("POST /100/status/start"), started.join());
    assert.equal((await memory.backend.guestState("pve1", 100)).running, true);
  });

  it("3.5 nodeName; 3.5 row 3: what only a creation can set replaces: with a fixed id it is removed first", async () => {
    const privileged = { unprivileged: "false", features: "{}" };
    const calls = await change(privileged);
    assert.deepEqual(
      calls.filter((call) => call === "POST " || call.startsWith("DELETE")),
      ["DELETE /100", "POST "],
    );
    assert.doesNotMatch(await conf(), /^unprivileged: 1$/m);
    await change();
    assert.match(await conf(), /^unprivileged: 1$/m);
  });

  it("asks for a smaller disk, and is refused by the provider before any call", async () => {
    await project.program(program({ disk: '{ datastoreId: "local-lvm", size: 4 }' }));
    requests.length = 0;
    const { code } = await project.try("up", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    assert.match(await conf(), /size=6G/);
    assert.ok(!requests.some((line) => line.startsWith("DELETE")));
  });
});
