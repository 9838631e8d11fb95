import assert from "node:assert/strict";

import { checkout, initialState, mustOn, nodeState, on } from "../support/world";

describe("a bridge whose name the network API takes", () => {
  const only = ["--target", "**proxlan**", "--yes", "--skip-preview"];

  before(() => {
    checkout().edit(({ config }) => {
      config["proximity-lan:site"].network["bridge"] = "proxlan";
    });
    checkout().must("toolchain/pulumi", ["stack", "init", "dev", "--non-interactive"]);
  });

  it("is not made while changes of someone else are pending, which stay pending", () => {
    const staged = "/etc/network/interfaces.new";
    mustOn(
      "pve1",
      `cp /etc/network/interfaces ${staged}; printf '\\nauto vmbr9\\niface vmbr9 inet manual\\n\\tbridge-ports none\\n' >>${staged}`,
    );
    const { code, stdout } = checkout().pulumi("up", ...only);
    assert.notEqual(code, 0);
    assert.match(stdout, /the node has pending network changes/);
    assert.equal(on("pve1", "test -e /sys/class/net/vmbr9").code, 1);
    mustOn("pve1", `rm ${staged}`);
    assert.equal(nodeState(), initialState());
  });

  it("is refused to a token that has only the role of docs/install.md", () => {
    const { code, stdout } = checkout().pulumi("up", ...only);
    assert.notEqual(code, 0);
    assert.match(stdout, /Permission check failed \(\/nodes\/pve1, Sys\.Modify\)/);
    checkout().must("make", ["destroy"]);
  });

  it("is made by it, without an address, and goes with everything", () => {
    // The second role, of docs/token.md, for this kind of name.
    mustOn(
      "pve1",
      `cp /etc/pve/user.cfg /tmp/user.cfg
      echo 'role:ProximityLanBridge:Sys.Modify:' >>/etc/pve/user.cfg
      echo 'acl:1:/nodes/pve1:pulumi@pve:ProximityLanBridge:' >>/etc/pve/user.cfg`,
    );
    const { code, stdout } = checkout().pulumi("up", ...only);
    assert.equal(code, 0, stdout);
    assert.equal(mustOn("pve1", "ip -o addr show dev proxlan"), "");
    assert.match(mustOn("pve1", "cat /etc/network/interfaces"), /iface proxlan inet manual/);
    checkout().must("make", ["destroy"]);
    mustOn("pve1", "cat /tmp/user.cfg >/etc/pve/user.cfg");
    assert.equal(nodeState(), initialState());
  });

  after(() => {
    checkout().edit(({ config }) => {
      delete config["proximity-lan:site"].network["bridge"];
    });
  });
});
