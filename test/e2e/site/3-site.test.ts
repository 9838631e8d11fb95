import assert from "node:assert/strict";

import { assertPublished } from "../../support/outputs-schema";
import { opens } from "../support/probes";
import {
  addressOf,
  checkout,
  get,
  mustInside,
  mustOn,
  on,
  outputs,
  type Outputs,
} from "../support/world";

const gateway = "10.20.0.1";
const client = "lan-client";

describe("the site", () => {
  let site: Outputs;
  let wan: string;

  before(() => {
    checkout().must("make", ["up"]);
    site = outputs();
    wan = site.appliance.wanAddress;
  });

  it("tells addresses that were observed", () => {
    assert.equal(site.mode, "platinum");
    assert.equal(site.appliance.lanAddress, gateway);
    assert.match(wan, /^192\.168\.1\.1\d\d$/);
    assert.equal(addressOf(100), wan);
    assert.equal(site.apps["notes"]?.address, "10.20.0.20");
    assert.equal(site.apps["nginx-01"]?.listening, true);
  });

  it("tells what the published schema promises, free addresses and the status among it", () => {
    assertPublished(site);
    assert.equal(site.dhcp?.total, 151);
    assert.equal(site.dhcp.free, 150);
    assert.deepEqual(site.dhcp.leases, { "nginx-01": site.apps["nginx-01"]?.address });
    assert.match(get(client, site.statusUrl ?? "").body, /"services"/);
  });

  describe("from the LAN", () => {
    for (const port of ["", ":8080"]) {
      it(`shows nginx under its path on port ${port || "80"}`, () => {
        const { status, body } = get(client, `http://${wan}${port}/nginx-01/`);
        assert.equal(status, "200");
        assert.match(body, /Welcome to nginx/);
      });
      it(`shows nginx under its name on port ${port || "80"}`, () => {
        const { status, body } = get(
          client,
          `http://${wan}${port}/`,
          "-H",
          "'Host: nginx-01.prox.local'",
        );
        assert.equal(status, "200");
        assert.match(body, /Welcome to nginx/);
      });
      it(`answers 404 to unknown names and paths on port ${port || "80"}`, () => {
        assert.equal(get(client, `http://${wan}${port}/nobody/`).status, "404");
        assert.equal(get(client, `http://${wan}${port}/status.json`).status, "404");
        assert.equal(
          get(client, `http://${wan}${port}/`, "-H", "'Host: nobody.prox.local'").status,
          "404",
        );
        assert.equal(
          get(client, `http://${wan}${port}/nginx-01/`, "-H", "'Host: nobody.prox.local'").status,
          "404",
        );
      });
    }
    it("shows the second app, whose own port is 8000", () => {
      assert.match(get(client, `http://${wan}:8080/notes/`).body, /Served by notes/);
    });
    it("leads a path without its slash to the one with it", () => {
      assert.equal(get(client, `http://${wan}:8080/notes`).status, "308");
    });
    it("shows Cockpit's login page", () => {
      assert.match(get(client, site.consoleUrl).body, /id="login"/);
    });
    it("reaches nothing else of the appliance, and no app directly", () => {
      assert.equal(on(client, opens(wan, 80)).code, 0);
      // Port 22 shows that the filter is at work: sshd listens behind it.
      assert.notEqual(mustInside(100, "ss -Hltn 'sport = :22'"), "");
      for (const port of [22, 53, 2019])
        assert.notEqual(on(client, opens(wan, port)).code, 0, `port ${port} answered`);
      const app = site.apps["nginx-01"]?.address ?? assert.fail();
      assert.notEqual(
        on(
          client,
          `ip route replace 10.20.0.0/24 via ${wan} && curl -s -m 3 http://${app}/; rc=$?; ip route del 10.20.0.0/24; exit $rc`,
        ).code,
        0,
      );
    });
  });

  it("opens to this machine's loopback where make up says", () => {
    const urls =
      checkout()
        .must("make", ["up"])
        .match(/https?:\/\/127\.0\.0\.1:\d+\/\S*/g) ?? [];
    const page = (part: string) => {
      const url = urls.find((one) => one.includes(part)) ?? assert.fail(urls.join());
      return checkout().must("curl", ["-sSk", "-m", "10", url]);
    };
    assert.match(page("/nginx-01/"), /Welcome to nginx/);
    assert.match(page("/notes/"), /Served by notes/);
    assert.match(page("https://"), /id="login"/);
  });

  it("does not change when it is brought up again", () => {
    const { code, stdout } = checkout().pulumi(
      "up",
      "--yes",
      "--skip-preview",
      "--expect-no-changes",
    );
    assert.equal(code, 0, stdout);
    assert.doesNotMatch(stdout, /warning|Undefined value/);
    assert.match(checkout().must("make", ["up"]), /\d+ unchanged/);
    assert.match(checkout().must("make", ["preview"]), /\d+ unchanged/);
  });

  it("keeps key and token out of the state in the clear", () => {
    const state = checkout().read(".state/.pulumi/stacks/proximity-lan/dev.json");
    const key = checkout().read("lab/keys/client").split("\n")[1] ?? assert.fail();
    const token = /apiToken: \S+=(\S+)/.exec(checkout().read("Pulumi.dev.yaml"))?.[1];
    assert.ok(token !== undefined && key.length > 20);
    assert.ok(state.includes("ciphertext"), "the connection must be there, encrypted");
    assert.ok(!state.includes(key) && !state.includes(token));
  });

  it("holds to its policies, which refuse a container that is not as they say", () => {
    const preview = () =>
      checkout().pulumi("preview", "--refresh", "--policy-pack", "policies/launch");
    assert.equal(preview().code, 0);
    const conf = "/etc/pve/lxc/101.conf";
    mustOn("pve1", `cp ${conf} /tmp/101.conf; sed -i '/^unprivileged:/d' ${conf}`);
    const { code, stdout } = preview();
    mustOn("pve1", `cp /tmp/101.conf ${conf}; rm /tmp/101.conf`);
    assert.notEqual(code, 0);
    assert.match(
      stdout,
      /\[mandatory\] \[severity: \w+\] {2}unprivileged .*ContainerLegacy: nginx-01/,
    );
  });

  it("shows no drift", () => {
    const { code, stdout } = checkout().pulumi("preview", "--refresh", "--expect-no-changes");
    assert.equal(code, 0, stdout);
  });
});
