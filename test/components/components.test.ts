import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { AppContainer } from "../../components/app-container";
import { Appliance } from "../../components/appliance";
import { Bridge } from "../../components/bridge";
import { nodeOf } from "../../components/node";
import { recorded, resource, startMocks, valueOf } from "../support/mocks";
import { minimal, noSecrets, plan, site, small } from "../support/sites";

const tag = "proximity-lan-dev";

/** Whether an input came to the engine as a secret. */
function secretIn(input: unknown): boolean {
  return JSON.stringify(input).includes("1b47061264138c4ac30d75fd1eb44270");
}

/** When a container was created, in its description. */
const createdIn = (description: unknown) => / at (\S+Z)\./.exec(String(description))?.[1];

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
      secrets: noSecrets,
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
      { name: "eth0", bridge: "vmbr0", macAddress: site().appliance.wan.mac },
      { name: "eth1", bridge: "proximity-lan", macAddress: site().appliance.lanMac },
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
      secrets: {
        consolePassword: pulumi.secret("SECRET-PASSWORD"),
        users: pulumi.secret({ alice: "SECRET-HASH" }),
      },
      bridge: new Bridge("proximity-lan", { node: node(), bridge: "proximity-lan" }),
    });
    const packages = await resource("prox-appliance-packages");
    assert.equal(
      packages.inputs["delete"],
      `bash -s -- leave proximity-lan 100 ${tag} prox-appliance`,
    );
    for (const { inputs } of recorded)
      for (const key of ["create", "delete", "stdin"])
        assert.doesNotMatch(JSON.stringify(inputs[key] ?? ""), /KEY/);
    const { inputs } = await resource("prox-appliance-secrets");
    assert.equal(inputs["create"], `bash -s -- apply 100 ${tag} appliance-secrets.sh ''`);
    // Marked, the engine encrypts the whole stdin in its state and shows none of it.
    assert.equal(secretIn(inputs["stdin"]), true);
    // A policy gets the text in the clear and needs a mark of its own.
    const marked = [
      ...JSON.stringify(inputs["stdin"]).matchAll(/(file|secret) \d+ \d+ (\S+?)\\n/g),
    ];
    assert.deepEqual(
      marked.filter(([, kind]) => kind === "secret").map(([, , path]) => path),
      ["files/etc/caddy/users", "secrets/console-password"],
    );
    for (const { name, inputs: others } of recorded)
      if (name !== "prox-appliance-secrets") assert.doesNotMatch(JSON.stringify(others), /SECRET-/);
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
        secrets: noSecrets,
        bridge: new Bridge("proximity-lan", { node: node(), bridge: "proximity-lan" }),
      }),
    });
    assert.equal(await valueOf(app.address), "10.20.0.101");
    const setup = await resource("nginx-01-setup");
    assert.equal(
      setup.inputs["create"],
      `bash -s -- apply 101 ${tag} app.sh 10.20.0.1 80 '' '' nginx-light nginx`,
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
      ["nginx-01", "prox-appliance"].map((name) =>
        createdIn(containers.find((one) => one.name === name)?.inputs["description"]),
      ),
    );
    assert.match(
      String(container.inputs["description"]),
      / Created at 20\d\d-.*Z\.\n\nproximity-lan-dev\/101\/nginx-01$/,
    );
    assert.equal(setup.inputs["delete"], `bash -s -- release 101 ${tag} nginx-01`);
    assert.equal(
      recorded.filter(({ name, type }) => /nginx/.test(name) && type === "command:remote:Command")
        .length,
      1,
    );
  });

  describe("an app on the LAN", () => {
    const direct = { ...minimal, apps: { wiki: { vmid: 102, network: "direct", port: 8000 } } };
    const make = (value: unknown, failure?: string) => {
      const [placement] = plan(value).apps;
      assert.ok(placement);
      const appliance = new Appliance("prox-appliance", {
        node: node(),
        site: site(value),
        bridge: new Bridge("proximity-lan", { node: node(), bridge: "proximity-lan" }),
        secrets: noSecrets,
        attempt: 1,
      });
      Object.assign(appliance, { failure: pulumi.output(failure) });
      return new AppContainer("wiki", { node: node(), placement, site: site(value), appliance });
    };
    const container = async () => {
      await resource("wiki-setup");
      return recorded.find(({ name, type }) => name === "wiki" && /ContainerLegacy$/.test(type));
    };

    it("is on the WAN bridge with the firewall flag, by DHCP, and does not wait for the appliance", async () => {
      make(direct);
      const { inputs } = (await container()) ?? assert.fail();
      const mac = plan(direct).apps[0]?.app.mac;
      assert.deepEqual(inputs["networkInterfaces"], [
        { name: "eth0", bridge: "vmbr0", macAddress: mac, firewall: true },
      ]);
      assert.deepEqual(inputs["initialization"], {
        hostname: "wiki",
        ipConfigs: [{ ipv4: { address: "dhcp" } }],
      });
      assert.deepEqual(inputs["tags"], ["direct", tag]);
      const setup = await resource("wiki-setup");
      assert.equal(
        setup.inputs["create"],
        `bash -s -- apply 102 ${tag} app.sh '' 8000 '' '' '' ''`,
      );
      assert.deepEqual(setup.inputs["triggers"], [createdIn(inputs["description"])]);
    });

    const fallback = {
      ...minimal,
      apps: { wiki: { vmid: 102 } },
      onApplianceFailure: "fallback",
    };
    for (const [failure, place, bridge] of [
      [undefined, "platinum", "proximity-lan"],
      ["no packages", "fallback", "vmbr0"],
    ] as const)
      it(`that may fall back is on ${bridge} when the appliance says: ${failure ?? "all is well"}`, async () => {
        const app = make(fallback, failure);
        const { inputs } = (await container()) ?? assert.fail();
        assert.equal(await valueOf(app.place), place);
        assert.deepEqual(inputs["tags"], [place, tag].sort());
        const [nic] = inputs["networkInterfaces"] as { bridge: string }[];
        assert.equal(nic?.bridge, bridge);
      });
  });

  it("carry the number of the attempt into both scripts of the appliance and its tags", async () => {
    new Appliance("prox-appliance", {
      node: node(),
      site: site(),
      bridge: new Bridge("proximity-lan", { node: node(), bridge: "proximity-lan" }),
      secrets: noSecrets,
      attempt: 3,
    });
    const services = await resource("prox-appliance-services");
    const packages = await resource("prox-appliance-packages");
    assert.match(String(packages.inputs["create"]), /^bash -s -- attempt 3 100 /);
    assert.match(String(services.inputs["create"]), /^bash -s -- proceed 3 100 /);
    const container = recorded.find(({ type }) => type.endsWith(":ContainerLegacy"));
    assert.deepEqual(container?.inputs["tags"], ["attempt-3", tag]);
  });
});
