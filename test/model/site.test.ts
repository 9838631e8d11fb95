import assert from "node:assert/strict";

import { describeProblems } from "../../model/problem";
import { parseSite } from "../../model/site";
import { problems, refuses } from "../support/problems";
import { minimal, noSources, site, small } from "../support/sites";

describe("parseSite", () => {
  it("fills in the seed's network and appliance", () => {
    const { network, appliance, apps } = site(minimal);
    assert.equal(network.bridge, "proximity-lan");
    assert.equal(network.gateway, "10.20.0.1");
    assert.deepEqual(network.dhcp, {
      start: "10.20.0.100",
      end: "10.20.0.250",
      leaseHours: 12,
      options: {},
    });
    assert.equal(network.domain, "prox.local");
    assert.equal(appliance.vmid, 100);
    assert.equal(appliance.hostname, "prox-appliance");
    assert.deepEqual(apps, []);
  });

  it("sorts apps by name, so that their order in the file means nothing", () => {
    assert.deepEqual(
      site(small).apps.map(({ name }) => name),
      ["nginx-01", "wiki"],
    );
  });

  it("serves the whole pool of 151 and refuses the 152nd with the numbers", () => {
    const apps = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`app-${i}`, { vmid: 200 + i }]));
    assert.deepEqual(problems({ ...minimal, apps: apps(151) }), []);
    assert.match(problems({ ...minimal, apps: apps(152) }).join(), /152 apps.*has 151/);
  });

  const app = (value: object) => ({ ...minimal, apps: { wiki: { vmid: 102, ...value } } });
  const network = (value: object) => ({ ...minimal, network: value });
  const appliance = (value: object) => ({ ...minimal, appliance: value });

  refuses(
    "an address outside the network",
    app({ address: "10.0.3.9" }),
    "apps.wiki.address",
    /outside the network 10\.20\.0\.0\/24\. Choose/,
  );
  refuses(
    "an app on the gateway's address",
    app({ address: "10.20.0.1" }),
    "apps.wiki.address",
    /is the gateway/,
  );
  refuses(
    "an app on the broadcast address",
    app({ address: "10.20.0.255" }),
    "apps.wiki.address",
    /outside/,
  );
  refuses(
    "a pool over the gateway",
    network({ dhcp: { start: "10.20.0.1" } }),
    "network.dhcp",
    /holds the gateway 10\.20\.0\.1/,
  );
  refuses(
    "a pool outside the network",
    network({ dhcp: { end: "10.20.1.9" } }),
    "network.dhcp.end",
    /not a host address/,
  );
  refuses(
    "a pool upside down",
    network({ dhcp: { start: "10.20.0.90", end: "10.20.0.80" } }),
    "network.dhcp",
    /above end/,
  );
  refuses(
    "host bits in the network",
    network({ cidr: "10.20.0.1/24" }),
    "network.cidr",
    /Write the network as 10\.20\.0\.0\/24/,
  );
  refuses(
    "a bridge name over 15 characters",
    network({ bridge: "proximity-network" }),
    "network.bridge",
    /has 17 characters and the kernel allows 15/,
  );
  refuses(
    "the WAN bridge as private bridge",
    network({ bridge: "vmbr0" }),
    "network.bridge",
    /also the WAN bridge/,
  );
  refuses(
    "an unknown key",
    app({ prot: 80 }),
    "apps.wiki.prot",
    /is not a key here\. Did you mean port\?/,
  );
  refuses(
    "an app without VMID",
    { ...minimal, apps: { wiki: {} } },
    "apps.wiki.vmid",
    /is missing/,
  );
  refuses("a VMID that Proxmox keeps", app({ vmid: 99 }), "apps.wiki.vmid", /Choose 100 or more/);
  refuses(
    "the appliance's VMID for an app",
    app({ vmid: 100 }),
    "apps.wiki.vmid",
    /VMID 100 is also that of appliance\.vmid/,
  );
  refuses(
    "the appliance's name for an app",
    { ...minimal, apps: { "prox-appliance": { vmid: 101 } } },
    "apps.prox-appliance",
    /also that of appliance\.hostname/,
  );
  for (const name of ["api", "gateway", "ignore", "infinite", "101", "12h"])
    refuses(
      `a name that the appliance needs: ${name}`,
      { ...minimal, apps: { [name]: { vmid: 101 } } },
      `apps.${name}`,
      /the appliance's proxy or DHCP needs/,
    );
  refuses(
    "a name with capitals, with the legal one",
    { ...minimal, apps: { "My App": { vmid: 101 } } },
    "apps.My App",
    /such as my-app/,
  );
  refuses(
    "a multicast MAC",
    app({ mac: "01:00:5e:00:00:01" }),
    "apps.wiki.mac",
    /no unicast MAC|not a unicast MAC/,
  );
  refuses(
    "DHCP with a gateway: two default gateways",
    appliance({ wan: { gateway: "192.168.1.1" } }),
    "appliance.wan.gateway",
    /two default gateways compete/,
  );
  refuses(
    "a static address without gateway",
    appliance({ wan: { address: "192.168.1.9/24" } }),
    "appliance.wan.gateway",
    /is missing/,
  );
  refuses(
    "a gateway outside the WAN network",
    appliance({ wan: { address: "192.168.1.9/24", gateway: "192.168.2.1" } }),
    "appliance.wan.gateway",
    /is outside/,
  );
  refuses(
    "a WAN inside the private network",
    appliance({ wan: { address: "10.20.0.9/24", gateway: "10.20.0.2" } }),
    "network.cidr",
    /overlaps the WAN/,
  );
  refuses(
    "a relative file",
    app({ files: { "etc/motd": { content: "x" } } }),
    "apps.wiki.files.etc/motd",
    /./,
  );

  for (const path of ["/../etc/passwd", "/etc/../x", "/etc/.", "etc/motd", "/etc/a b"])
    refuses(
      `the file path ${path}`,
      app({ files: { [path]: { content: "x" } } }),
      `apps.wiki.files.${path}`,
      /is not an absolute path/,
    );

  it("refuses a missing host key, and says how to get it", () => {
    const found = problems({ ...minimal, node: { name: "pve1", ssh: { host: "pve1" } } });
    assert.match(found.join(), /^node\.ssh\.hostKey: is missing\..*ssh-keyscan/);
  });

  it("refuses duplicate names, MACs and addresses at the later one", () => {
    const found = problems({
      ...minimal,
      apps: {
        a: { vmid: 101, mac: "02:00:00:00:00:01", address: "10.20.0.9" },
        b: { vmid: 102, mac: "02:00:00:00:00:01", address: "10.20.0.9" },
      },
    });
    assert.equal(found.length, 2);
    assert.match(
      found.join("\n"),
      /apps\.b\.address: address 10\.20\.0\.9 is also that of apps\.a/,
    );
    assert.match(found.join("\n"), /apps\.b\.mac: MAC 02:00:00:00:00:01 is also that of apps\.a/);
  });

  it("names every problem at once, of shape and of sense", () => {
    const result = parseSite(
      {
        node: { name: "pve1", ssh: { host: "pve1" } },
        template: minimal.template,
        extra: 1,
        network: { bridge: "proximity-network", dhcp: { start: "10.20.0.1" } },
        appliance: { wan: { gateway: "192.168.1.1" } },
        apps: { a: { vmid: 100 }, b: { vmid: 101, address: "10.0.3.9" }, c: {} },
      },
      "dev",
      noSources,
    );
    assert.ok(!result.ok);
    assert.deepEqual(result.problems.map(({ path }) => path).sort(), [
      "appliance.wan.gateway",
      "apps.a.vmid",
      "apps.b.address",
      "apps.c.vmid",
      "extra",
      "network.bridge",
      "network.dhcp",
      "node.ssh.hostKey",
    ]);
    assert.match(
      describeProblems("Invalid site", result.problems),
      /^Invalid site: 8 problems\. Nothing was changed\.\n  - /,
    );
  });

  for (const value of [
    undefined,
    null,
    7,
    "site",
    [],
    { apps: 3 },
    { apps: { a: null } },
    { network: [] },
  ])
    it(`survives ${value === undefined ? "nothing" : JSON.stringify(value)}`, () => {
      assert.ok(problems(value).length > 0);
    });
});
