import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { AppContainer } from "../../components/app-container";
import { Appliance } from "../../components/appliance";
import { Bridge } from "../../components/bridge";
import { nodeOf } from "../../components/node";
import { recorded, resource, startMocks, valueOf } from "../support/mocks";
import { plan, site, small } from "../support/sites";

const tag = "proximity-lan-dev";

describe("components", () => {
  beforeEach(startMocks);

  const node = () => nodeOf(site(), tag, pulumi.secret("KEY"));
  const types = () => recorded.map(({ type, name }) => `${type.split(":").at(-1) ?? ""} ${name}`);

  it("make a bridge with a hyphen by file, and one that the API takes by the API", async () => {
    new Bridge("proximity-lan", { node: node(), bridge: "proximity-lan" });
    await resource("proximity-lan-isolation");
    assert.deepEqual(types(), ["Bridge proximity-lan", "Command proximity-lan-isolation"]);
    const { inputs } = await resource("proximity-lan-isolation");
    assert.equal(inputs["create"], "bash -s -- apply proximity-lan file proximity-lan-dev");
    assert.equal(inputs["delete"], "bash -s -- remove proximity-lan file");

    startMocks();
    new Bridge("proxlan", { node: node(), bridge: "proxlan" });
    const isolation = await resource("proxlan-isolation");
    assert.equal(isolation.inputs["create"], "bash -s -- apply proxlan api proximity-lan-dev");
    assert.deepEqual(types(), [
      "Bridge proxlan",
      "Command proxlan-staged",
      "Bridge proxlan",
      "Command proxlan-isolation",
    ]);
    assert.equal(recorded[2]?.type, "proxmoxve:network/linux/bridge:Bridge");
    assert.equal(recorded[2].inputs["address"], undefined);
  });

  it("make the appliance unprivileged, with two NICs and one default gateway at most", async () => {
    const appliance = new Appliance("prox-appliance", {
      node: node(),
      site: site(),
      bridge: new Bridge("proximity-lan", { node: node(), bridge: "proximity-lan" }),
    });
    assert.equal(await valueOf(appliance.wanAddress), "192.168.1.150");
    const container = recorded.find(({ type }) => type.endsWith(":ContainerLegacy"));
    assert.ok(container);
    assert.equal(container.inputs["vmId"], 100);
    assert.equal(container.inputs["unprivileged"], true);
    assert.deepEqual(container.inputs["features"], { nesting: true });
    assert.deepEqual(container.inputs["tags"], [tag]);
    assert.deepEqual(container.inputs["networkInterfaces"], [
      { name: "eth0", bridge: "vmbr0" },
      { name: "eth1", bridge: "proximity-lan" },
    ]);
    assert.deepEqual((container.inputs["initialization"] as { ipConfigs: unknown }).ipConfigs, [
      { ipv4: { address: "dhcp" } },
      { ipv4: { address: "10.20.0.1/24" } },
    ]);
  });

  it("guard the appliance's removal and never put a secret into a command", async () => {
    new Appliance("prox-appliance", {
      node: node(),
      site: site(),
      bridge: new Bridge("proximity-lan", { node: node(), bridge: "proximity-lan" }),
    });
    const packages = await resource("prox-appliance-packages");
    assert.equal(packages.inputs["delete"], `bash -s -- leave proximity-lan ${tag} 100`);
    for (const { inputs } of recorded)
      for (const key of ["create", "delete", "stdin"])
        assert.ok(!JSON.stringify(inputs[key] ?? "").includes("KEY"));
  });

  it("give an app its derived MAC, DHCP, the appliance's resolver, and one set-up command", async () => {
    const [placement] = plan(small).apps;
    assert.ok(placement);
    const first = placement.app;
    const app = new AppContainer(first.name, {
      node: node(),
      placement,
      site: site(small),
      appliance: new Appliance("prox-appliance", {
        node: node(),
        site: site(),
        bridge: new Bridge("proximity-lan", { node: node(), bridge: "proximity-lan" }),
      }),
    });
    assert.equal(await valueOf(app.address), "10.20.0.101");
    const setup = await resource("nginx-01-setup");
    assert.equal(
      setup.inputs["create"],
      `bash -s -- apply 101 ${tag} app.sh 10.20.0.1 80 '' nginx-light nginx`,
    );
    const containers = recorded.filter(({ type }) => type.endsWith(":ContainerLegacy"));
    const container = containers.find(({ name }) => name === "nginx-01");
    assert.ok(container);
    assert.deepEqual(container.inputs["tags"], ["platinum", tag]);
    assert.deepEqual(container.inputs["networkInterfaces"], [
      { name: "eth0", bridge: "proximity-lan", macAddress: first.mac },
    ]);
    assert.deepEqual(container.inputs["initialization"], {
      hostname: "nginx-01",
      dns: { domain: "prox.local", servers: ["10.20.0.1"] },
      ipConfigs: [{ ipv4: { address: "dhcp" } }],
    });
    // Two containers were made, so two things may be others tomorrow under the same ids.
    assert.deepEqual(
      setup.inputs["triggers"],
      ["nginx-01", "prox-appliance"].map(
        (name) => containers.find((one) => one.name === name)?.inputs["description"],
      ),
    );
    assert.match(String(container.inputs["description"]), / Made at 20\d\d-.*Z\.$/);
    assert.equal(
      recorded.filter(({ name, type }) => /nginx/.test(name) && type === "command:remote:Command")
        .length,
      1,
    );
  });
});
