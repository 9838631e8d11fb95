import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { AppContainer } from "../../components/app-container";
import { nodeOf } from "../../components/node";
import { recorded, resource, startMocks, type Recorded } from "../support/mocks";
import { minimal, plan, site } from "../support/sites";

const tag = "proximity-lan-dev";

describe("an app with an address of its own on the LAN", () => {
  beforeEach(startMocks);

  const node = () => nodeOf(site(), tag, pulumi.secret("KEY"));
  const withNic = (nic: object) => ({
    ...minimal,
    apps: {
      wiki: {
        vmid: 102,
        public_interface: { ip: "192.168.1.153/24", gw: "192.168.1.1", ...nic },
      },
    },
  });
  const make = async (nic: object) => {
    const value = withNic(nic);
    const [placement] = plan(value).apps;
    assert.ok(placement);
    new AppContainer("wiki", { node: node(), placement, site: site(value) });
    return { setup: await resource("wiki-setup") };
  };
  const placed = ({ inputs }: Recorded) =>
    [...String(inputs["stdin"]).matchAll(/^file \d+ \d+ files(\/.*)$/gm)].map(([, path]) => path);
  const names = () => recorded.map(({ name }) => name);
  const nics = () =>
    recorded.find(({ type }) => type.endsWith(":ContainerLegacy"))?.inputs["networkInterfaces"];

  it("has its raw lines attached before it is set up, beside its place behind the proxy", async () => {
    const { setup } = await make({ mac_address: "02:00:00:00:01:01" });
    assert.deepEqual(names(), [
      "wiki",
      "wiki-nic-place",
      "wiki",
      "wiki-nic",
      "wiki-nic-lines",
      "wiki-setup",
    ]);
    const lines = await resource("wiki-nic-lines");
    assert.match(String(lines.inputs["create"]), /attach 102 .*lxc\.net\.1\.type: macvlan/);
    assert.equal(
      setup.inputs["create"],
      `bash -s -- apply 102 ${tag} app.sh 10.20.0.1 80 '' 192.168.1.153/24 '' ''`,
    );
    assert.deepEqual(placed(setup), [
      "/etc/proximity/public",
      "/etc/sysctl.d/60-proximity-public.conf",
      "/etc/systemd/system/proximity-public.service",
      "/etc/dhcp/dhclient-enter-hooks.d/proximity-public",
      "/etc/dhcp/dhclient-exit-hooks.d/proximity-public",
      "/etc/proximity/public.nft",
      "/etc/systemd/system/proximity-filter.service",
      "/usr/local/sbin/proximity-public-routes",
    ]);
    assert.equal((nics() as unknown[]).length, 1);
  });

  it("has net1 and a file of rules with veth", async () => {
    await make({ type: "veth" });
    assert.ok(names().includes("wiki-firewall-file"));
    assert.deepEqual((nics() as unknown[])[1], {
      name: "eth1",
      bridge: "vmbr0",
      macAddress: site(withNic({})).apps[0]?.publicInterface?.macAddress,
      firewall: true,
    });
  });

  it("keeps what takes it away while it is switched off, and nothing else", async () => {
    const { setup } = await make({ enabled: false });
    assert.deepEqual(names(), ["wiki", "wiki-nic-place", "wiki", "wiki-setup"]);
    assert.deepEqual(placed(setup), []);
  });
});
