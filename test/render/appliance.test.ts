import assert from "node:assert/strict";

import fc from "fast-check";

import { applianceFiles, appliancePackages } from "../../render/appliance";
import { siteFilePath } from "../../render/site-file";
import { assertGolden } from "../support/golden";
import { renderUsers } from "../../render/caddy/users";
import { full, minimal, site, small } from "../support/sites";

const text = (path: string, value: unknown = small) =>
  applianceFiles(site(value)).find((file) => file.path === path)?.content ?? assert.fail(path);

describe("applianceFiles", () => {
  for (const [name, value] of Object.entries({ small, full }))
    for (const { path, content } of applianceFiles(site(value)))
      it(`renders ${path} of the ${name} site as agreed`, () => {
        assertGolden(`${name}${path}`, content);
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

  it("leaves dnsmasq.conf as it is when what dnsmasq re-reads changes, so that it is not restarted", () => {
    const path = "/etc/dnsmasq.d/proximity.conf";
    const { mtu, dhcp, dns, upstreamDns } = full.network;
    const other = {
      ...full,
      apps: {},
      forwards: {},
      network: { dns: { ...dns, records: { other: "10.20.0.9" } } },
    };
    assert.ok(mtu > 0 && Object.keys(dhcp.options).length > 0 && upstreamDns.length > 0);
    assert.equal(text(path, full), text(path, other));
    for (const list of ["hosts", "servers", "dhcp-hosts", "dhcp-options"])
      assert.notEqual(text(`/etc/proximity/${list}`, full), text(`/etc/proximity/${list}`, other));
  });
});

describe("forwarding", () => {
  it("is turned on by no file that is applied at boot: only by whatever has loaded the rules", () => {
    for (const { path, content } of applianceFiles(site()))
      if (path !== siteFilePath) assert.doesNotMatch(content, /ip_forward/, path);
  });
});

describe("dnsmasq.conf", () => {
  const path = "/etc/dnsmasq.d/proximity.conf";
  it("gives guests that are not declared the last quarter of the pool", () => {
    assert.match(text(path), /^dhcp-range=tag:known,10\.20\.0\.100,10\.20\.0\.250,/m);
    assert.match(text(path), /^dhcp-range=tag:!known,10\.20\.0\.213,10\.20\.0\.250,/m);
  });
  it("gives them nothing where the apps may need it", () => {
    const apps = Object.fromEntries(
      Array.from({ length: 114 }, (_, index) => [`app-${index}`, { vmid: 1000 + index }]),
    );
    assert.doesNotMatch(text(path, { ...small, apps }), /!known,10/);
  });
  it("has a lease for every host of the network: reservations outside the range count too", () => {
    const tight = { ...small, network: { dhcp: { start: "10.20.0.100", end: "10.20.0.101" } } };
    assert.match(text("/etc/dnsmasq.d/proximity.conf", tight), /^dhcp-lease-max=254$/m);
  });
});

describe("dnsmasq's lists", () => {
  it("carry a list of values for an option and of addresses for a name", () => {
    assert.match(
      text("/etc/proximity/dhcp-options", full),
      /^option:ntp-server,192\.168\.1\.1,192\.168\.1\.2$/m,
    );
    assert.match(text("/etc/proximity/dhcp-options", full), /^252,http/m);
    assert.match(text("/etc/proximity/hosts", full), /^10\.20\.0\.20 intranet\.example\.org$/m);
    assert.match(
      text("/etc/proximity/servers", full),
      /^server=\/lan\.example\.net\/192\.168\.1\.1$/m,
    );
  });
});

describe("the ruleset", () => {
  const path = "/etc/nftables.conf";
  it("opens the console to the WAN side only, and only when there is one", () => {
    assert.match(text(path), /iifname "eth0" tcp dport 9090 accept/);
    assert.doesNotMatch(text(path), /iifname "eth1".*9090/);
    assert.match(text(path), /iifname "eth0" tcp dport \{ 80, 8080, 8081 \} accept/);
    assert.match(text(path), /iifname "eth1" tcp dport \{ 80, 8080 \} accept/);
    assert.doesNotMatch(text(path, { ...small, appliance: { console: false } }), /9090/);
  });
  it("lets declared exceptions through before private networks are refused", () => {
    const rules = text(path);
    assert.ok(rules.indexOf("192.168.1.77/32 accept") < rules.indexOf("192.168.0.0/16"));
    assert.ok(rules.includes("192.168.1.77/32 accept"));
  });
  it("leads forwarded ports to the address of their app, and a range to the same ports", () => {
    assert.match(text(path, full), /^    tcp dport 2222 dnat ip to 10\.20\.0\.20:22$/m);
    assert.match(
      text(path, full),
      /^    ip saddr \{ 192\.168\.1\.0\/24 \} udp dport 5000-5010 dnat ip to 10\.20\.0\.20$/m,
    );
    assert.doesNotMatch(text(path), /dnat/);
  });
  it("replaces its own table only", () => {
    assert.doesNotMatch(text(path), /flush ruleset/);
  });
  it("holds nothing that follows the leases, which a guest could make wrong", () => {
    assert.doesNotMatch(text(path), /include|elements/);
  });
});

describe("the Caddyfile", () => {
  const path = "/etc/caddy/Caddyfile";
  it("strips and names the prefix of an app's path, and leaves names alone", () => {
    assert.match(
      text(path),
      /handle_path \/wiki\/\* \{\n\t+import anonymous\n\t+reverse_proxy wiki\.prox\.local:8000 \{\n\t+import forwarded\n\t+header_up X-Forwarded-Prefix \/wiki\n/,
    );
    assert.match(
      text(path),
      /http:\/\/wiki\.prox\.local:80, http:\/\/wiki\.prox\.local:8080 \{\n\timport unavailable\n\timport anonymous\n\treverse_proxy wiki\.prox\.local:8000 \{\n\t\timport forwarded\n\t\theader_up -X-Forwarded-Prefix\n\t\}\n\}/,
    );
  });
  it("keeps more idle connections to each app than Caddy would, for path and name alike", () => {
    assert.match(
      text(path),
      /\(forwarded\) \{\n(?:\t.*\n)*\ttransport http \{\n\t\tkeepalive_idle_conns_per_host 128\n/,
    );
  });
  it("keeps the admin API, without which each change is a restart, where only root reads it", () => {
    assert.match(text(path), /^\tadmin unix\//m);
  });
  it("puts no app below a path that only some may use, unless that is declared", () => {
    const { wiki } = full.apps;
    const paths = (proxy: object) =>
      text(path, { ...full, apps: { wiki: { ...wiki, proxy } } }).includes("handle_path /wiki/*");
    assert.equal(paths({ auth: ["alice"] }), false);
    assert.equal(paths({ allowFrom: ["192.168.1.0/24"] }), false);
    assert.equal(paths({ auth: ["alice"], path: "strip" }), true);
    assert.equal(paths({}), true);
    assert.equal(paths({ path: false }), false);
  });
  it("answers 404 to names and paths that no app has, also with no app at all", () => {
    assert.equal([...text(path, minimal).matchAll(/respond ".*" 404/g)].length, 2);
  });
});

describe("the users of the proxy", () => {
  it("are snippets that the Caddyfile imports by name", () => {
    const users = renderUsers({ bob: "HASH-B", alice: "HASH-A" });
    assert.match(
      users,
      /^\(user-alice\) \{\n\talice HASH-A\n\}\n\(user-bob\) \{\n\tbob HASH-B\n\}\n$/m,
    );
    for (const user of full.apps.wiki.proxy.auth)
      assert.match(text("/etc/caddy/Caddyfile", full), new RegExp(`import user-${user}\n`));
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

describe("an appliance of Alpine", () => {
  const template = "local:vztmpl/alpine-3.22-default_20250617_amd64.tar.xz";
  const alpine = { ...small, appliance: { family: "alpine", template, console: false } };
  const paths = applianceFiles(site(alpine), [
    { path: "/etc/systemd/system/probe.service", mode: "0644", content: "" },
    { path: "/etc/init.d/probe", mode: "0755", content: "" },
  ]).map(({ path }) => path);

  for (const path of [
    "/etc/udhcpc/udhcpc.conf",
    "/etc/udhcpc/post-bound/proximity",
    "/etc/conf.d/dnsmasq",
    "/etc/conf.d/caddy",
  ])
    it(`renders ${path} as agreed`, () => {
      assertGolden(`alpine${path}`, text(path, alpine));
    });

  it("tells the packet filter of each lease by hooks that udhcpc can run", () => {
    const hooks = applianceFiles(site(alpine)).filter(({ path }) => path.includes("/post-"));
    assert.deepEqual(
      hooks.map(({ path, mode }) => [path, mode]),
      ["bound", "renew"].map((when) => [`/etc/udhcpc/post-${when}/proximity`, "0755"]),
    );
    assert.ok(hooks.every(({ content }) => content.startsWith("#!/bin/sh\n")));
  });

  it("keeps udhcpc from the resolver", () => {
    assert.match(text("/etc/udhcpc/udhcpc.conf", alpine), /^RESOLV_CONF="no"$/m);
  });

  it("has its rules where its service looks, and nothing of Debian's", () => {
    assert.ok(paths.includes("/etc/nftables.nft"));
    assert.ok(paths.includes("/etc/init.d/probe"));
    for (const path of ["/etc/nftables.conf", "/etc/systemd/system/probe.service"])
      assert.ok(!paths.includes(path), path);
    assert.ok(!paths.some((path) => path.startsWith("/etc/dhcp/")));
    assert.equal(
      text("/etc/nftables.nft", alpine),
      text("/etc/nftables.conf", { ...small, appliance: { console: false } }),
    );
  });

  it("has sysctl lines that OpenRC's service can read: it wants exactly one blank on each side", () => {
    const lines = text("/etc/sysctl.d/60-proximity.conf", alpine).split("\n");
    assert.deepEqual(
      lines.filter((line) => !/^(#.*|[\w.]+ = \S+|)$/.test(line)),
      [],
    );
  });

  it("installs OpenRC's scripts by name, which not every package brings along", () => {
    const packages = appliancePackages(site(alpine));
    for (const name of ["caddy", "dnsmasq"]) assert.ok(packages.includes(`${name}-openrc`));
  });
});
