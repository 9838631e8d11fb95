import assert from "node:assert/strict";

import { problems, refuses } from "../support/problems";
import { full, minimal, site } from "../support/sites";

const network = (value: object) => ({ ...minimal, network: value });
const dns = (value: object) => network({ dns: value });
const options = (value: object) => network({ dhcp: { options: value } });
const proxy = (value: object) => ({ ...minimal, apps: { wiki: { vmid: 102, proxy: value } } });
const appliance = (value: object) => ({ ...minimal, appliance: value });
const forwards = (value: object) => ({
  ...minimal,
  apps: {
    wiki: { vmid: 102, address: "10.20.0.20" },
    bare: { vmid: 103 },
    outer: { vmid: 104, address: "10.20.0.21", network: "direct" },
  },
  forwards: value,
});
const forward = (value: object) => forwards({ git: { port: 2222, app: "wiki", ...value } });

describe("the appliance's services", () => {
  it("are accepted in full", () => {
    assert.deepEqual(problems(full), []);
  });

  it("derive MACs for both sides of the appliance from the stack, and take a declared one", () => {
    const { wan, lanMac } = site(minimal).appliance;
    assert.match(wan.mac, /^02:/);
    assert.notEqual(wan.mac, lanMac);
    const declared = appliance({ wan: { mac: "02:aa:00:00:00:01" } });
    assert.equal(site(declared).appliance.wan.mac, "02:AA:00:00:00:01");
  });
  refuses(
    "the appliance's MAC for an app",
    {
      ...minimal,
      appliance: { wan: { mac: "02:00:00:00:00:01" } },
      apps: { wiki: { vmid: 102, mac: "02:00:00:00:00:01" } },
    },
    "apps.wiki.mac",
    /also that of appliance\.wan\.mac/,
  );

  describe("DHCP options", () => {
    refuses(
      "what the appliance says itself",
      options({ router: "10.20.0.9" }),
      "network.dhcp.options.router",
      /from network\.gateway\. Remove it/,
    );
    refuses(
      "the same by number",
      options({ "26": "1400" }),
      "network.dhcp.options.26",
      /network\.mtu/,
    );
    refuses(
      "a name that dnsmasq does not know",
      options({ ntp: "192.168.1.1" }),
      "network.dhcp.options.ntp",
      /knows no option "ntp"\. Write its number/,
    );
    refuses(
      "a value that would end the line",
      options({ "ntp-server": "1.1.1.1 # x" }),
      "network.dhcp.options.ntp-server",
      /./,
    );
    refuses("an MTU that IPv6 could not use", network({ mtu: 1000 }), "network.mtu", /1280/);
  });

  describe("names", () => {
    refuses(
      "a record with the name of an app",
      { ...dns({ records: { "wiki.prox.local": "10.20.0.9" } }), apps: { wiki: { vmid: 102 } } },
      "network.dns.records.wiki.prox.local",
      /is the name of apps\.wiki/,
    );
    refuses(
      "a record with the name of the appliance",
      dns({ records: { gateway: "10.20.0.9" } }),
      "network.dns.records.gateway",
      /name of the appliance/,
    );
    refuses(
      "a wildcard over the network's own domain",
      dns({ wildcards: { "prox.local": "10.20.0.9" } }),
      "network.dns.wildcards.prox.local",
      /own domain.*Write a record instead/,
    );
    refuses(
      "a forward below the network's own domain",
      dns({ forwards: { "a.prox.local": ["192.168.1.1"] } }),
      "network.dns.forwards.a.prox.local",
      /own domain/,
    );
    refuses(
      "a domain that is both",
      dns({ wildcards: { "a.b": "10.0.0.1" }, forwards: { "a.b": ["192.168.1.1"] } }),
      "network.dns.forwards.a.b",
      /also a wildcard/,
    );
    refuses(
      "a resolver that is the appliance",
      network({ upstreamDns: ["10.20.0.1"] }),
      "network.upstreamDns",
      /would ask itself/,
    );
    refuses(
      "a name that is none",
      dns({ records: { "-x": "10.0.0.1" } }),
      "network.dns.records.-x",
      /is not a domain name/,
    );
  });

  describe("the proxy of an app", () => {
    for (const header of ["-X-Frame", "X Frame", ""])
      refuses(
        `the header "${header}"`,
        proxy({ headers: { response: { remove: [header] } } }),
        "apps.wiki.proxy.headers.response.remove.0",
        /is not a header name/,
      );
    for (const value of ["{env.HOME}", "{$HOME}", "a`b", "a\nb", ""])
      refuses(
        `the header's value ${JSON.stringify(value)}`,
        proxy({ headers: { request: { set: { "X-A": value } } } }),
        "apps.wiki.proxy.headers.request.set.X-A",
        /^[^"]* is not a header value/,
      );
    refuses(
      "a health path with words behind it",
      proxy({ health: { path: "/health 200" } }),
      "apps.wiki.proxy.health.path",
      /is not a path/,
    );
    refuses(
      "a host where a network belongs",
      proxy({ allowFrom: ["192.168.1.7"] }),
      "apps.wiki.proxy.allowFrom.0",
      /no|not an IPv4 network/,
    );
    refuses(
      "a user whose name would be a directive",
      proxy({ auth: ["a {"] }),
      "apps.wiki.proxy.auth.0",
      /is not a user name/,
    );
  });

  describe("forwards", () => {
    refuses(
      "an app that is not there",
      forward({ app: "nobody" }),
      "forwards.git.app",
      /no app "nobody"/,
    );
    refuses(
      "an app without an address",
      forward({ app: "bare" }),
      "forwards.git.app",
      /Reserve one with apps\.bare\.address/,
    );
    refuses(
      "an app on the LAN, with or without an address of the private network",
      forward({ app: "outer" }),
      "forwards.git.app",
      /outer is on the LAN .* Remove the forward, or make the app platinum/,
    );
    refuses(
      "a range upside down",
      forward({ port: "20-10" }),
      "forwards.git.port",
      /is not a range of ports/,
    );
    refuses(
      "a port above all ports",
      forward({ port: "60000-65536" }),
      "forwards.git.port",
      /not a range/,
    );
    refuses(
      "another port for a range",
      forward({ port: "20-30", appPort: 20 }),
      "forwards.git.appPort",
      /a range keeps its ports/,
    );
    for (const [port, holder] of [
      [80, "proxy"],
      [8080, "proxy"],
      [8081, "status"],
      ["8000-8100", "proxy"],
      [9090, "console"],
      [53, "DNS"],
    ] as const)
      refuses(
        `tcp ${port}, which the appliance needs`,
        forward({ port }),
        "forwards.git.port",
        new RegExp(`is taken by the appliance's ${holder}`),
      );
    for (const port of [53, 67])
      refuses(
        `udp ${port}`,
        forward({ protocol: "udp", port }),
        "forwards.git.port",
        /taken by the appliance's D/,
      );
    it("take what the appliance does not need: 443 without HTTPS, 9090 without console, udp 80", () => {
      assert.deepEqual(problems(forward({ port: 443 })), []);
      assert.deepEqual(problems(forward({ port: 80, protocol: "udp" })), []);
      assert.deepEqual(problems({ ...forward({ port: 9090 }), appliance: { console: false } }), []);
    });
    refuses(
      "443 with HTTPS",
      { ...forward({ port: 443 }), appliance: { https: true } },
      "forwards.git.port",
      /the appliance's proxy/,
    );
    refuses(
      "a port that another forward has",
      forwards({
        a: { port: "2200-2300", app: "wiki" },
        b: { port: 2222, app: "wiki" },
      }),
      "forwards.b.port",
      /taken by forwards\.a \(2200-2300\)/,
    );
    it("may share a port where the protocol differs", () => {
      const value = {
        a: { port: 2222, app: "wiki" },
        b: { port: 2222, app: "wiki", protocol: "udp" },
      };
      assert.deepEqual(problems(forwards(value)), []);
    });
    it("are judged although another one is malformed", () => {
      const found = problems(
        forwards({ a: { port: 80, app: "wiki" }, b: { app: "wiki" }, c: { port: 22, app: "x" } }),
      );
      assert.deepEqual(found.map((line) => line.split(":")[0]).sort(), [
        "forwards.a.port",
        "forwards.b.port",
        "forwards.c.app",
      ]);
    });
  });
});
