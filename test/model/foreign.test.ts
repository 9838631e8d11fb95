import assert from "node:assert/strict";

import { foreignSettings } from "../../model/foreign";

/** As the provider creates a container. */
const created = {
  ...{ arch: "amd64", cmode: "tty", console: "1", cores: "1", cpulimit: "0" },
  ...{ features: "nesting=1", hostname: "wiki", memory: "512", swap: "0", onboot: "1" },
  nameserver: "10.20.0.1",
  net0: "name=eth0,bridge=proximity-lan,hwaddr=02:00:00:00:00:01,ip=dhcp,type=veth",
  ...{ ostype: "debian", protection: "0", rootfs: "local-lvm:vm-101-disk-0,acl=1,size=4G" },
  ...{ searchdomain: "prox.local", tags: "platinum;proximity-lan-dev", template: "0", tty: "2" },
  unprivileged: "1",
};
const shown = (change: Readonly<Record<string, string>>) =>
  foreignSettings(new Map(Object.entries({ ...created, ...change })));

describe("settings that somebody else gave a container", () => {
  it("are none in one as it was created, also with an interface of its own on the LAN", () => {
    assert.deepEqual(shown({}), []);
    assert.deepEqual(
      shown({ "lxc.net.1.type": "macvlan", "lxc.net.1.link": "vmbr0", lock: "backup" }),
      [],
    );
  });

  for (const [key, value, text] of [
    ["mp0", "/srv/media,mp=/mnt/media", "mp0: /srv/media,mp=/mnt/media"],
    ["dev0", "/dev/dri/renderD128", "dev0: /dev/dri/renderD128"],
    ["unused0", "local-lvm:vm-101-disk-1", "unused0: local-lvm:vm-101-disk-1"],
    ["features", "nesting=1,keyctl=1,fuse=1", "features: keyctl=1,fuse=1"],
    ["hookscript", "local:snippets/hook.pl", "hookscript: local:snippets/hook.pl"],
    ["protection", "1", "protection: 1"],
    ["console", "0", "console: 0"],
    ["cpuunits", "200", "cpuunits: 200"],
    ["cpulimit", "1.5", "cpulimit: 1.5"],
    ["net0", `${created.net0},rate=12.5`, "net0: rate=12.5"],
    ["net2", "name=eth2,bridge=vmbr9", "net2: name=eth2,bridge=vmbr9"],
    ["lxc.apparmor.profile", "unconfined", "lxc.apparmor.profile: unconfined"],
    ["lxc.net.2.type", "macvlan", "lxc.net.2.type: macvlan"],
    ["timezone", "host", "timezone: host"],
  ] as const)
    it(`are shown: ${key}`, () => {
      assert.deepEqual(shown({ [key]: value }), [text]);
    });
});
