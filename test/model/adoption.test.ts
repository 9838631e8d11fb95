import assert from "node:assert/strict";

import { adopt, type ContainerConfig } from "../../model/adoption";
import { site } from "../support/sites";

const byHand: ContainerConfig = {
  hostname: "mail",
  ostype: "debian",
  unprivileged: 1,
  features: "nesting=1",
  memory: 256,
  cores: 2,
  rootfs: "local-lvm:vm-150-disk-0,size=8G",
  net0: "name=eth0,bridge=vmbr0,firewall=1,hwaddr=BC:24:11:00:00:01,ip=dhcp,type=veth",
};

describe("adopt", () => {
  const judge = (change: ContainerConfig = {}) => adopt(site(), 150, { ...byHand, ...change });
  const refused = (change: ContainerConfig) => {
    const verdict = judge(change);
    return verdict.ok
      ? "adopted"
      : verdict.problems.map(({ path, message }) => `${path}: ${message}`).join();
  };

  it("declares a container as it is, so that nothing of it changes", () => {
    assert.deepEqual(judge(), {
      ok: true,
      entry: {
        ...{ vmid: 150, network: "direct", family: "debian", mac: "BC:24:11:00:00:01" },
        ...{ cores: 2, memory: 256, swap: 0, disk: 8 },
      },
    });
  });

  it("takes what Proxmox leaves out as Proxmox does, and a disk as the next whole size", () => {
    const rootfs = "local-lvm:vm-150-disk-0,size=4097M";
    const verdict = judge({ memory: undefined, swap: 64, rootfs });
    assert.ok(verdict.ok);
    const { memory, swap, disk } = verdict.entry;
    assert.deepEqual([memory, swap, disk], [512, 64, 5]);
  });

  it("names everything that is in the way, each with its remedy", () => {
    const said = refused({ unprivileged: 0, cores: undefined, lock: "backup" });
    assert.match(said, /^lock: .*backup.*,unprivileged: .*pct restore.*,cores: .*pct set/);
  });

  const reasons: readonly (readonly [string, ContainerConfig, RegExp])[] = [
    ["is privileged", { unprivileged: 0 }, /^unprivileged: it is privileged/],
    ["is a template", { template: 1 }, /^template: /],
    ["is protected", { protection: 1 }, /^protection: /],
    ["is locked", { lock: "backup" }, /^lock: .*backup/],
    [
      "is of no family that apps have",
      { ostype: "fedora" },
      /^ostype: it is fedora.* debian and alpine/,
    ],
    ["has a mount", { mp0: "/srv,mp=/srv" }, /^mp0: an app has one interface/],
    ["has a second interface", { net1: "name=eth1,bridge=vmbr1" }, /^net1: /],
    ["has raw lines", { lxc: [["lxc.net.1.type", "macvlan"]] }, /^lxc: /],
    ["is on another bridge", { net0: "name=eth0,bridge=vmbr7,ip=dhcp" }, /^net0: .*eth0 on vmbr0/],
    ["has a static address", { net0: "name=eth0,bridge=vmbr0,ip=192.168.1.9/24" }, /^net0: .*DHCP/],
    [
      "has features that no token may set",
      { features: "nesting=1,keyctl=1" },
      /^features: .*pct set/,
    ],
    ["has its disk elsewhere", { rootfs: "nas:150/x.raw,size=8G" }, /^rootfs: .*pct move-volume/],
    ["may use every core", { cores: undefined }, /^cores: .*pct set/],
  ];
  for (const [what, change, message] of reasons)
    it(`refuses a container that ${what}, and says what to do`, () => {
      assert.match(refused(change), message);
    });
});
