import assert from "node:assert/strict";

import { bootOf } from "../support/changes";
import { checkout, initialState, mustOn, nodeState } from "../support/world";

const vmid = 151;
const adopt = (...words: readonly string[]) => checkout().run("make", ["adopt", "YES=1", ...words]);
const file = () => checkout().read("Pulumi.dev.yaml");
const declare = (apps: Readonly<Record<string, object>>) => {
  checkout().edit(({ config }) => {
    Object.assign(config["proximity-lan:site"], { apps, network: {} });
  });
};

/** An adoption that must fail, and leave the declaration and the container as they were. */
function refused(...words: readonly string[]): string {
  const before = [file(), mustOn("pve1", `pct config ${vmid}`)];
  const { code, stderr } = adopt(...words);
  assert.notEqual(code, 0, stderr);
  assert.deepEqual([file(), mustOn("pve1", `pct config ${vmid}`)], before);
  return stderr;
}

describe("a container that is not as an app is", () => {
  before(() => {
    checkout().run("toolchain/pulumi", ["stack", "init", "dev", "--non-interactive"]);
    declare({ page: { vmid: 101, network: "direct" } });
    const template = /template: (\S+)/.exec(file())?.[1] ?? assert.fail(file());
    mustOn(
      "pve1",
      `pct create ${vmid} ${template} --hostname old --unprivileged 1 --storage local-lvm --tags mine --net0 name=eth0,bridge=vmbr0,ip=dhcp
      pct start ${vmid}`,
    );
  });

  it("is named with all that is in the way, and each remedy is a command that works", () => {
    const said = refused(`VMID=${vmid}`);
    assert.match(said, /Container 151 cannot be adopted: 2 problems/);
    const remedies = said.match(/pct set 151 --\w+ [\w=]+/g) ?? [];
    assert.equal(remedies.length, 2, said);
    for (const remedy of remedies) mustOn("pve1", remedy);
  });

  it("needs a name that the declaration can take", () => {
    assert.match(refused(`VMID=${vmid}`, "NAME=page"), /there is an app page already/);
    assert.match(refused(`VMID=${vmid}`, "NAME=api"), /apps\.api: .*Choose another name/);
    assert.match(refused("VMID=777"), /777 cannot be adopted: there is no such guest/);
  });

  it("is taken in then, also where an earlier attempt had only come to write the entry", () => {
    const started = bootOf(vmid);
    const { code, stderr } = adopt(`VMID=${vmid}`);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /its tags go: mine/);
    const entry = file();
    checkout().pulumi("state", "delete", "--yes", "--target-dependents", urn());
    mustOn("pve1", `pct set ${vmid} --tags ''`);
    assert.equal(adopt(`VMID=${vmid}`).code, 0);
    assert.equal(file(), entry);
    assert.equal(bootOf(vmid), started);
  });

  it("is said to restart where its interface gets the firewall's flag, and does so alone", () => {
    checkout().must("make", ["preview"]);
    assert.match(checkout().read("preview.md"), /`old` reboots \(networkInterfaces/);
    checkout().must("make", ["up"]);
    checkout().mustPulumi("preview", "--refresh", "--expect-no-changes");
    checkout().must("make", ["destroy"]);
    assert.equal(nodeState(), initialState());
  });
});

function urn(): string {
  const { stdout } = checkout().pulumi("stack", "--show-urns");
  return (
    /urn:\S+::proximity-lan:components:AppContainer::old/.exec(stdout)?.[0] ?? assert.fail(stdout)
  );
}
