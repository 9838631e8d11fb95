import assert from "node:assert/strict";

import { checkCluster, ownGuests, parseGuests, type ObservedCluster } from "../../model/preflight";
import { site } from "../support/sites";

const tag = "proximity-lan-dev";
const good: ObservedCluster = {
  guests: [],
  datastores: [
    { id: "local", contents: ["vztmpl", "iso"] },
    { id: "local-lvm", contents: ["rootdir"] },
  ],
  templates: [site().template],
};

describe("checkCluster", () => {
  const check = (change: Partial<ObservedCluster>) =>
    checkCluster(site(), { ...good, ...change }, tag);
  const guest = (tags: readonly string[], { name = "old-mail", node = "pve1" } = {}) => ({
    vmid: 101,
    name,
    node,
    tags,
  });

  it("takes a cluster where all is there", () => {
    assert.deepEqual(check({}), []);
  });
  it("refuses a VMID that a guest of someone else has, on any node", () => {
    const [problem, ...rest] = check({ guests: [guest(["mail"], { node: "pve2" })] });
    assert.equal(problem?.path, "apps.nginx-01.vmid");
    assert.match(problem.message, /101 is taken by "old-mail" on pve2/);
    assert.deepEqual(rest, []);
  });
  it("takes this stack's own guest", () => {
    assert.deepEqual(check({ guests: [guest([tag], { name: "nginx-01" })] }), []);
  });
  it("takes a guest of this stack with a name of no entry: it is renamed", () => {
    assert.deepEqual(check({ guests: [guest([tag])] }), []);
  });
  it("refuses a VMID whose container has the name of another entry", () => {
    const [problem, ...rest] = check({ guests: [guest([tag], { name: "wiki" })] });
    assert.equal(problem?.path, "apps.nginx-01.vmid");
    assert.match(problem.message, /101 is still the container of "wiki".*another VMID/);
    assert.deepEqual(rest, []);
  });
  it("says which templates there are", () => {
    const [problem] = check({ templates: ["local:vztmpl/alpine.tar.xz"] });
    assert.match(
      problem?.message ?? "",
      /there: local:vztmpl\/alpine\.tar\.xz.*pveam download local/,
    );
  });
  it("tells a missing storage from one that takes no disks", () => {
    assert.match(check({ datastores: [] })[0]?.message ?? "", /local-lvm does not exist/);
    const [problem] = check({ datastores: [{ id: "local-lvm", contents: ["iso"] }] });
    assert.match(problem?.message ?? "", /takes no container disks/);
  });
});

describe("ownGuests", () => {
  const guest = (vmid: number, tags: readonly string[]) => ({
    vmid,
    name: `guest-${vmid}`,
    node: "pve1",
    tags,
  });

  it("are those with this stack's tag, the appliance first", () => {
    const guests = [guest(99, [tag]), guest(100, ["platinum", tag]), guest(101, [`${tag}-2`])];
    assert.deepEqual(
      ownGuests(site(), guests, tag).map(({ vmid }) => vmid),
      [100, 99],
    );
  });
});

describe("parseGuests", () => {
  it("reads the guests of a node that cannot be asked, named and tagged or not", () => {
    assert.deepEqual(parseGuests("101\tweb\tpve1\tplatinum;proximity-lan-dev\n102\t\tpve1\t\n"), [
      { vmid: 101, name: "web", node: "pve1", tags: ["platinum", tag] },
      { vmid: 102, name: "", node: "pve1", tags: [""] },
    ]);
    assert.throws(() => parseGuests("no guest at all"), /where a guest belongs/);
  });
});
