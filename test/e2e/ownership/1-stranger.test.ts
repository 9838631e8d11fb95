import assert from "node:assert/strict";

import { checkout, guests, initialState, mustOn, nodeState, site } from "../support/world";

/** What `pct list` says of a guest and of its disk. */
const fingerprint = (vmid: number) =>
  mustOn(
    "pve1",
    `pct status ${vmid}; grep -v '^#' /etc/pve/lxc/${vmid}.conf; pct exec ${vmid} -- cat /precious`,
  );

/** Somebody removes a container of this stack, and creates one of his own, which gets the free VMID. */
function replaceByStranger(vmid: number): string {
  mustOn(
    "pve1",
    `pct destroy ${vmid} --force
    pct create ${vmid} local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst --hostname stranger --unprivileged 1 --features nesting=1 --net0 name=eth0,bridge=vmbr0,ip=dhcp --rootfs local-lvm:2
    pct start ${vmid}
    pct exec ${vmid} -- sh -c 'echo data >/precious'`,
  );
  return fingerprint(vmid);
}

const up = () => checkout().run("make", ["up"]);
const mustUp = () => checkout().must("make", ["up"]);

/** Apps on the LAN, which need no appliance. */
function declare(apps: Readonly<Record<string, number>>): void {
  site((whole) => {
    whole["apps"] = Object.fromEntries(
      Object.entries(apps).map(([name, vmid]) => [name, { vmid, network: "direct" }]),
    );
  });
}

describe("a stranger's container under a VMID of this stack", () => {
  before(() => {
    declare({ extra: 104, keep: 105 });
    mustUp();
  });

  let stranger = "";

  it("stops an update, which names it", () => {
    stranger = replaceByStranger(104);
    const { code, stdout, stderr } = up();
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /apps\.extra\.vmid: 104 is taken by "stranger" on pve1/);
  });

  it("stays when the app gets another VMID, as that message asks for", () => {
    declare({ extra: 106, keep: 105 });
    mustUp();
    assert.equal(guests(), "104 105 106");
    assert.equal(fingerprint(104), stranger);
  });

  it("stops a plain `pulumi destroy`, and stays", () => {
    stranger = replaceByStranger(106);
    const { code, stdout, stderr } = checkout().pulumi("destroy", "--yes");
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /container 106 is not the one that this stack created/);
    assert.match(stdout + stderr, /make destroy/);
    assert.equal(fingerprint(106), stranger);
  });

  it("stops a plain `pulumi up` without the app, and stays", () => {
    declare({ keep: 105 });
    const { code, stdout, stderr } = checkout().pulumi(
      "up",
      "--yes",
      "--skip-preview",
      "--refresh",
    );
    assert.notEqual(code, 0, stdout);
    assert.match(stdout + stderr, /container 106 is not the one that this stack created/);
    assert.equal(fingerprint(106), stranger);
  });

  it("is forgotten by `make up` without the app, and stays", () => {
    const { code, stderr, stdout } = up();
    assert.equal(code, 0, stdout + stderr);
    assert.match(stderr, /106 is no longer the container of extra, but "stranger" on pve1/);
    assert.equal(fingerprint(106), stranger);
    assert.equal(guests(), "104 105 106");
  });

  it("is left by `make destroy`, which ends with everything else removed", () => {
    stranger = replaceByStranger(105);
    checkout().must("make", ["destroy"]);
    assert.equal(fingerprint(105), stranger);
    mustOn("pve1", "for vmid in 104 105 106; do pct destroy $vmid --force; done");
    assert.equal(nodeState(), initialState());
  });
});
