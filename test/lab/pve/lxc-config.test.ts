import assert from "node:assert/strict";

import { parseGuestConfig } from "../../../lab/pve/guest-config";
import { lxcConfig } from "../../../lab/pve/lxc-config";

const configOf = (text: string) => lxcConfig(100, parseGuestConfig(text).current);

describe("LXC configuration of a guest", () => {
  it("has the veth of each netN and the raw lines last", () => {
    const text = configOf(
      [
        "arch: amd64",
        "hostname: app.prox.local",
        "unprivileged: 1",
        "memory: 256",
        "swap: 0",
        "cores: 2",
        "cpulimit: 0.5",
        "net0: name=eth0,bridge=vmbr0,hwaddr=02:00:00:00:00:01,mtu=1400",
        "net3: name=eth3,bridge=proxlan,hwaddr=02:00:00:00:00:02,link_down=1",
        "lxc.net.1.type: macvlan",
        "lxc.net.1.link: vmbr0",
        "",
      ].join("\n"),
    );
    assert.equal(
      text,
      `lxc.arch = x86_64
lxc.uts.name = app
lxc.idmap = u 0 100000 65536
lxc.idmap = g 0 100000 65536
lxc.tty.max = 2
lxc.cgroup.memory.limit_in_bytes = 268435456
lxc.cgroup2.memory.max = 268435456
lxc.cgroup2.memory.swap.max = 0
lxc.cgroup.cpu.cfs_quota_us = 50000
lxc.cgroup2.cpu.max = 50000 100000
lxc.net.0.type = veth
lxc.net.0.veth.pair = veth100i0
lxc.net.0.link = vmbr0
lxc.net.0.hwaddr = 02:00:00:00:00:01
lxc.net.0.name = eth0
lxc.net.0.mtu = 1400
lxc.net.0.flags = up
lxc.net.3.type = veth
lxc.net.3.veth.pair = veth100i3
lxc.net.3.link = proxlan
lxc.net.3.hwaddr = 02:00:00:00:00:02
lxc.net.3.name = eth3
lxc.net.1.type = macvlan
lxc.net.1.link = vmbr0
`,
    );
  });

  it("has the script that makes the firewall bridge for a NIC with firewall=1 only", () => {
    const text = configOf(
      "net0: name=eth0,bridge=vmbr0,firewall=1\nnet1: name=eth1,bridge=vmbr0,firewall=0\n",
    );
    assert.deepEqual(text.match(/^lxc\.net\.\d+\.script.*$/gm), [
      "lxc.net.0.script.up = /usr/share/lxc/lxcnetaddbr",
      "lxc.net.0.script.down = /usr/share/lxc/lxcnetaddbr",
    ]);
  });

  it("maps no ids for a privileged guest, and mounts more for a nesting one", () => {
    const text = configOf("features: nesting=1\n");
    assert.doesNotMatch(text, /idmap/);
    assert.match(text, /lxc\.mount\.auto = proc:rw sys:rw/);
    assert.match(text, /lxc\.uts\.name = CT100/);
  });

  it("leaves the ids to raw idmap lines when there are any", () => {
    const text = configOf("unprivileged: 1\nlxc.idmap: u 0 200000 65536\n");
    assert.deepEqual(text.match(/^lxc\.idmap.*$/gm), ["lxc.idmap = u 0 200000 65536"]);
  });

  it("refuses a NIC without a bridge, as a start does", () => {
    assert.throws(() => configOf("net0: name=eth0\n"), /missing bridge configuration/);
  });

  it("dies on a netN that somebody wrote by hand and wrong", () => {
    assert.throws(
      () => configOf("net1: name=eth1,bridge=vmbr0,type=macvlan\n"),
      /verification failed/,
    );
  });
});
