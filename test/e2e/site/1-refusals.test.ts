import assert from "node:assert/strict";

import { checkout, initialState, mustOn, nodeState, on } from "../support/world";

describe("a wrong declaration", () => {
  let good: string;

  before(() => {
    good = checkout().read("Pulumi.dev.yaml");
  });
  afterEach(() => {
    checkout().write("Pulumi.dev.yaml", good);
  });

  it("gets one message with every problem, and nothing is created", () => {
    checkout().edit(({ config }) => {
      const site = config["proximity-lan:site"];
      site["extra"] = true;
      site["node"] = { name: "pve1", ssh: { host: "127.0.0.1" } };
      site.network = { bridge: "proximity-network", dhcp: { start: "10.20.0.1" } };
      site["appliance"] = { wan: { gateway: "192.168.1.1" } };
      site.apps["nginx-01"] = { vmid: 100 };
      site.apps["twin"] = { vmid: 102, address: "10.0.3.9", mac: "02:00:00:00:00:01" };
      site.apps["twin-2"] = { vmid: 103, address: "10.20.0.20", mac: "02:00:00:00:00:01" };
      site.apps["Nginx_01"] = { vmid: 104 };
    });
    for (const verb of ["preview", "up"]) {
      const { code, stdout } = checkout().pulumi(verb, ...(verb === "up" ? ["--yes"] : []));
      assert.notEqual(code, 0);
      for (const problem of [
        /extra: is not a key here/,
        /node\.ssh\.hostKey: is missing/,
        /network\.bridge: "proximity-network" has 17 characters/,
        /network\.dhcp: the pool .* holds the gateway/,
        /appliance\.wan\.gateway: .*two default gateways compete/,
        /apps\.nginx-01\.vmid: VMID 100 is also that of appliance\.vmid/,
        /apps\.twin\.address: 10\.0\.3\.9 is outside the network/,
        /apps\.twin\.vmid: VMID 102 is also/,
        /apps\.twin-2\.address: address 10\.20\.0\.20 is also/,
        /apps\.twin-2\.mac: MAC 02:00:00:00:00:01 is also/,
        /apps\.nginx-01: host name nginx-01 is also that of apps\.Nginx_01/,
      ])
        assert.match(stdout, problem);
      // What the engine shows while it works repeats the first line; the summary is what stays.
      const summary = stdout.slice(stdout.indexOf("Diagnostics:"));
      assert.equal(summary.match(/Invalid configuration: \d+ problems/g)?.length, 1, stdout);
      assert.doesNotMatch(stdout, /at .*\.ts:\d+/, "a stack trace is noise to a person");
    }
    assert.equal(nodeState(), initialState());
  });

  it("is refused at preview when a guest of someone else has the VMID, which stays as it is", () => {
    const conf = "/etc/pve/nodes/pve1/lxc/102.conf";
    mustOn(
      "pve1",
      `printf 'arch: amd64\\nhostname: old-mail\\nmemory: 64\\nostype: debian\\n' >${conf}`,
    );
    const sum = mustOn("pve1", `sha256sum ${conf}`);
    for (const verb of ["preview", "up"]) {
      const { code, stdout } = checkout().pulumi(verb, ...(verb === "up" ? ["--yes"] : []));
      assert.notEqual(code, 0);
      assert.match(stdout, /apps\.notes\.vmid: 102 is taken by "old-mail" on pve1/);
    }
    assert.equal(mustOn("pve1", `sha256sum ${conf}`), sum);
    assert.equal(on("pve1", `rm ${conf}`).code, 0);
    assert.equal(nodeState(), initialState());
  });

  it("is refused when another stack has made a bridge of that name, which stays as it is", () => {
    const stanza = "/etc/network/interfaces.d/proximity-lan";
    mustOn(
      "pve1",
      `printf '# Written by proximity-lan.\\n# Stack: proximity-lan-office\\niface proximity-lan inet manual\\n' >${stanza}`,
    );
    const { code, stdout } = checkout().pulumi("up", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    assert.match(stdout, /belongs to another stack of this program \(proximity-lan-office\)/);
    assert.match(mustOn("pve1", `cat ${stanza} && rm ${stanza}`), /proximity-lan-office/);
    checkout().must("make", ["-s", "destroy"]);
    assert.equal(nodeState(), initialState());
  });

  it("is refused before anything is made when the host key is another machine's", () => {
    checkout().edit(({ config }) => {
      const node = config["proximity-lan:site"]["node"] as { ssh: Record<string, unknown> };
      node.ssh["hostKey"] =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3f1XSD0yvfrXxZiEzkNmnPBYEsAbZUsPRkhHzW2lRf";
    });
    const { code, stdout } = checkout().pulumi("up", "--yes");
    assert.notEqual(code, 0);
    assert.match(stdout, /host key/i);
    assert.equal(nodeState(), initialState());
    checkout().must("make", ["-s", "destroy"]);
  });
});
