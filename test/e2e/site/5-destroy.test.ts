import assert from "node:assert/strict";

import {
  checkout,
  get,
  guests,
  initialState,
  mustOn,
  nodeState,
  on,
  outputs,
} from "../support/world";

describe("destroy", () => {
  const foreign = "/etc/pve/nodes/pve1/lxc/150.conf";

  it("removes nothing while a guest of someone else is on the bridge, and names it", () => {
    mustOn(
      "pve1",
      `printf 'arch: amd64\\nhostname: old-mail\\nmemory: 64\\nnet0: name=eth0,bridge=proximity-lan,ip=dhcp\\nostype: debian\\n' >${foreign}`,
    );
    const wan = outputs().appliance.wanAddress;
    const before = guests();
    const { code, stderr } = checkout().run("make", ["destroy"]);
    assert.notEqual(code, 0);
    assert.match(stderr, /bridge proximity-lan is still used by VMID 150 \(old-mail\)/);
    assert.equal(guests(), before);
    assert.equal(on("pve1", "pct status 100").stdout.trim(), "status: running");
    assert.equal(on("pve1", "test -d /sys/class/net/proximity-lan").code, 0);
    assert.equal(get("lan-client", `http://${wan}:8081/`).status, "200");
  });

  it("stops at the gateway without that check too, as a plain `pulumi destroy` does", () => {
    const { code, stdout } = checkout().pulumi("destroy", "--yes");
    assert.notEqual(code, 0);
    assert.match(stdout, /bridge proximity-lan is still used by VMID 150/);
    assert.equal(on("pve1", "pct status 100").stdout.trim(), "status: running");
    assert.equal(on("pve1", "test -d /sys/class/net/proximity-lan").code, 0);
    mustOn("pve1", `rm ${foreign}`);
  });

  it("leaves the node exactly as it was", () => {
    checkout().must("make", ["destroy"]);
    assert.equal(nodeState(), initialState());
  });
});
