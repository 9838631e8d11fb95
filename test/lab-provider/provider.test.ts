import assert from "node:assert/strict";

import { startMemoryLab, type MemoryLab } from "../lab/support/memory-lab";
import { PROGRAM_HEAD, Project } from "./project";

/** What the program varies from one update to the next. */
interface Wish {
  readonly tags?: readonly string[];
  readonly memory?: number;
  readonly address?: string;
  readonly comment?: string;
  readonly size?: number;
}

const program = ({
  tags = ["lab"],
  memory = 512,
  address = "dhcp",
  comment = "first",
  size = 4,
}: Wish) => `${PROGRAM_HEAD}
const bridge = new proxmoxve.network.linux.Bridge(
  "proxlan",
  { nodeName: "pve1", name: "proxlan", comment: ${JSON.stringify(comment)}, autostart: true },
  { provider, deleteBeforeReplace: true },
);
const guest = new proxmoxve.ContainerLegacy(
  "guest",
  {
    nodeName: "pve1",
    vmId: 100,
    description: "made by a test",
    tags: ${JSON.stringify(tags)},
    unprivileged: true,
    started: true,
    features: { nesting: true },
    cpu: { cores: 1 },
    memory: { dedicated: ${memory}, swap: 256 },
    disk: { datastoreId: "local-lvm", size: ${size} },
    operatingSystem: {
      templateFileId: "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst",
      type: "debian",
    },
    initialization: {
      hostname: "guest",
      dns: { domain: "prox.local", servers: ["10.20.0.1"] },
      ipConfigs: [{ ipv4: { address: "dhcp" } }, { ipv4: { address: ${JSON.stringify(address)} } }],
    },
    networkInterfaces: [
      { name: "eth0", bridge: "vmbr0" },
      { name: "eth1", bridge: "proxlan", macAddress: "02:00:00:00:00:11" },
    ],
  },
  { provider, deleteBeforeReplace: true, dependsOn: bridge },
);
exports.ipv4 = guest.ipv4;
`;

describe("the real provider against the memory lab", function () {
  this.timeout(300_000);
  let memory: MemoryLab;
  let project: Project;
  const requests: string[] = [];

  before(async () => {
    memory = await startMemoryLab({ taskDelayMs: 100, log: (line) => requests.push(line) });
    const env = { LAB_ENDPOINT: `https://127.0.0.1:${memory.port}/` };
    project = await Project.create(env);
  });
  after(async () => {
    await project.remove();
    await memory.lab.close();
  });

  async function up(wish: Wish): Promise<string> {
    await project.program(program(wish));
    const { output } = await project.pulumi("up", "--yes", "--skip-preview", "--diff");
    return output;
  }
  const unchanged = () => project.pulumi("preview", "--refresh", "--expect-no-changes", "--diff");
  const conf = () => memory.backend.readFile("pve1", "/etc/pve/nodes/pve1/lxc/100.conf");
  const refusals = () => requests.filter((line) => /-> (?:400|403|501)/.test(line));

  it("creates a bridge and a container, and a refresh finds no difference", async () => {
    await up({});
    assert.match(
      (await memory.backend.readFile("pve1", "/etc/network/interfaces")) ?? "",
      /iface proxlan inet manual/,
    );
    assert.match(
      (await conf()) ?? "",
      /^net1: name=eth1,bridge=proxlan,.*hwaddr=02:00:00:00:00:11/m,
    );
    assert.equal((await memory.backend.guestState("pve1", 100)).running, true);
    await unchanged();
    assert.deepEqual(refusals(), []);
  });

  it("reports the addresses that the guest got", async () => {
    const { output } = await project.pulumi("stack", "output", "--json");
    assert.match(output, /"eth0": "192\.168\.1\.1\d\d"/);
    assert.match(output, /"eth1": "10\.20\.0\.1\d\d"/);
  });

  it("updates tags and memory in place", async () => {
    const output = await up({ tags: ["lab", "changed"], memory: 768 });
    assert.doesNotMatch(output, /replac/);
    assert.match((await conf()) ?? "", /^tags: changed;lab$/m);
    assert.match((await conf()) ?? "", /^memory: 768$/m);
    await unchanged();
  });

  it("changes an address by a reboot, without replacing the container", async () => {
    const wish = { tags: ["lab", "changed"], memory: 768, address: "10.20.0.77/24" };
    const output = await up(wish);
    assert.doesNotMatch(output, /replac/);
    assert.match((await conf()) ?? "", /^net1: .*ip=10\.20\.0\.77\/24/m);
    assert.match((await project.pulumi("stack", "output", "--json")).output, /10\.20\.0\.77/);
    await unchanged();
  });

  it("updates the bridge and grows the disk", async () => {
    await up({ address: "10.20.0.77/24", comment: "second", size: 6 });
    assert.match(
      (await memory.backend.readFile("pve1", "/etc/network/interfaces")) ?? "",
      /^#second$/m,
    );
    // The provider sends the whole disk after its resize, and Proxmox stores what it sends (docs/proven-on.md).
    const volume = "volume=local-lvm:vm-100-disk-0";
    const rootfs = `rootfs: acl=0,size=${6 * 2 ** 30},quota=0,replicate=0,${volume}\n`;
    assert.ok((await conf())?.includes(rootfs), await conf());
    await unchanged();
  });

  it("sees a container that somebody destroyed, and makes it again", async () => {
    await memory.client.run("POST", "/nodes/pve1/lxc/100/status/stop");
    await memory.client.run("DELETE", "/nodes/pve1/lxc/100");
    await project.pulumi("refresh", "--yes");
    await up({ address: "10.20.0.77/24", comment: "second", size: 6 });
    assert.equal((await memory.backend.guestState("pve1", 100)).running, true);
  });

  it("destroys everything and leaves the node as it was", async () => {
    await project.pulumi("destroy", "--yes", "--skip-preview");
    assert.deepEqual(await memory.lab.context.guests.vmids("pve1"), []);
    assert.deepEqual(await memory.backend.volumes("pve1", "local-lvm"), []);
    assert.doesNotMatch(
      (await memory.backend.readFile("pve1", "/etc/network/interfaces")) ?? "",
      /proxlan/,
    );
    assert.deepEqual(refusals(), []);
  });
});
