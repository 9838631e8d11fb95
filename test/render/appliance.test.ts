import assert from "node:assert/strict";

import fc from "fast-check";

import { applianceFiles, appliancePackages } from "../../render/appliance";
import { assertGolden } from "../support/golden";
import { minimal, site, small } from "../support/sites";

const text = (path: string, value: unknown = small) =>
  applianceFiles(site(value)).find((file) => file.path === path)?.content ?? assert.fail(path);

describe("applianceFiles", () => {
  for (const { path, content } of applianceFiles(site()))
    it(`renders ${path} as agreed`, () => {
      assertGolden(`small${path}`, content);
    });

  it("does not depend on the order of the apps", () => {
    const entries = Object.entries(small.apps);
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), (order) => {
        const shuffled = site({ ...small, apps: Object.fromEntries(order) });
        assert.deepEqual(applianceFiles(shuffled), applianceFiles(site()));
      }),
    );
  });

  it("leaves dnsmasq.conf as it is when an app is added, so that dnsmasq is not restarted", () => {
    const path = "/etc/dnsmasq.d/proximity.conf";
    assert.equal(text(path), text(path, { ...small, apps: {} }));
    assert.notEqual(
      text("/etc/proximity/dhcp-hosts"),
      text("/etc/proximity/dhcp-hosts", { ...small, apps: {} }),
    );
  });
});

describe("dnsmasq.conf", () => {
  it("has a lease for every host of the network: reservations outside the range count too", () => {
    const tight = { ...small, network: { dhcp: { start: "10.20.0.100", end: "10.20.0.101" } } };
    assert.match(text("/etc/dnsmasq.d/proximity.conf", tight), /^dhcp-lease-max=254$/m);
  });
});

describe("the ruleset", () => {
  const path = "/etc/nftables.conf";
  it("opens the console to the WAN side only, and only when there is one", () => {
    assert.match(text(path), /iifname "eth0" tcp dport \{ 80, 8080, 9090 \} accept/);
    assert.match(text(path), /iifname "eth1" tcp dport \{ 80, 8080 \} accept/);
    assert.doesNotMatch(text(path, { ...small, appliance: { console: false } }), /9090/);
  });
  it("lets declared exceptions through before private networks are refused", () => {
    const rules = text(path);
    assert.ok(rules.indexOf("192.168.1.77/32 accept") < rules.indexOf("192.168.0.0/16"));
    assert.ok(rules.includes("192.168.1.77/32 accept"));
  });
  it("replaces its own table only", () => {
    assert.doesNotMatch(text(path), /flush ruleset/);
  });
});

describe("the Caddyfile", () => {
  const path = "/etc/caddy/Caddyfile";
  it("strips and names the prefix of an app's path, and leaves names alone", () => {
    assert.match(
      text(path),
      /handle_path \/wiki\/\* \{\n\t\treverse_proxy wiki\.prox\.local:8000 \{\n\t\t\theader_up X-Forwarded-Prefix \/wiki\n/,
    );
    assert.match(
      text(path),
      /http:\/\/wiki\.prox\.local:80, http:\/\/wiki\.prox\.local:8080 \{\n\treverse_proxy wiki\.prox\.local:8000\n/,
    );
  });
  it("keeps the admin API, without which each change is a restart", () => {
    assert.match(text(path), /admin localhost:2019/);
  });
  it("answers 404 to names and paths that no app has, also with no app at all", () => {
    assert.equal([...text(path, minimal).matchAll(/respond ".*" 404/g)].length, 2);
  });
});

describe("appliancePackages", () => {
  it("leaves Cockpit out when no console is wanted", () => {
    const packages = appliancePackages(site({ ...minimal, appliance: { console: false } }));
    assert.deepEqual(
      packages.filter((name) => name.startsWith("cockpit")),
      [],
    );
    assert.ok(packages.includes("dnsmasq"));
  });
});
