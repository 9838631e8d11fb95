import assert from "node:assert/strict";

import { isStale } from "../../model/status";
import { small } from "../support/sites";
import { allWell, declared, facts, judged, now } from "./judge";

/** The example of the first description; the console is declared off here, so it has no address. */
const example = {
  appliance: {
    vmid: 100,
    hostname: "prox-appliance",
    status: "running",
    wan_ip: "192.168.1.150",
    lan_ip: "10.20.0.1",
    management_url: null,
  },
  bridge: { name: "proximity-lan", exists: true, status: "UP" },
  network: {
    network: "10.20.0.0/24",
    gateway: "10.20.0.1",
    dhcp_range: "10.20.0.100 - 10.20.0.250",
  },
  services: {
    dnsmasq: { status: "running", healthy: true },
    iptables: { status: "running", healthy: true },
    caddy: { status: "running", healthy: true },
    cockpit: { status: "stopped", healthy: false },
  },
  applications: [
    { ip: "10.20.0.101", hostname: "nginx-01", dns_name: "nginx-01.prox.local" },
    { ip: "10.20.0.102", hostname: "wiki", dns_name: "wiki.prox.local" },
  ],
  health_status: "healthy",
};

/** What `whole` has under the keys that `part` has. */
function under(whole: unknown, part: unknown): unknown {
  if (Array.isArray(part) && Array.isArray(whole))
    return part.map((one, index) => under(whole[index], one));
  if (typeof part !== "object" || part === null || typeof whole !== "object" || whole === null)
    return whole;
  const values = new Map<string, unknown>(Object.entries(whole));
  return Object.fromEntries(
    Object.entries(part).map(([key, child]) => [key, under(values.get(key), child)]),
  );
}

describe("the status", () => {
  it("has every field of the first description, with its meaning", () => {
    const status = judged({}, { ...small, appliance: { console: false } });
    assert.deepEqual(under(status, example), example);
  });

  it("is healthy without a problem where all is well", () => {
    const { health_status, problems, services, appliance } = judged();
    assert.equal(appliance.management_url, "https://192.168.1.150:9090");
    assert.deepEqual({ health_status, problems }, { health_status: "healthy", problems: [] });
    assert.equal(services.cockpit.healthy, true);
  });

  const broken: readonly (readonly [string, Record<string, string>, string, RegExp])[] = [
    ["no dnsmasq", { facts: facts("dnsmasq_pid", "") }, "services.dnsmasq", /no dnsmasq process/],
    ["no DHCP", { facts: facts("dhcp_listens", "no") }, "services.dnsmasq", /port 67/],
    ["a wrong name", { dns: "10.9.9.9\n" }, "services.dnsmasq", /it answered 10\.9\.9\.9/],
    ["no answer to a name", { dns: "" }, "services.dnsmasq", /it answered nothing/],
    ["no ruleset", { rules: "" }, "services.iptables", /is not loaded/],
    ["no masquerading", { rules: "policy drop policy drop" }, "services.iptables", /masquerade/],
    ["an open filter", { rules: "masquerade policy drop" }, "services.iptables", /lets everything/],
    [
      "other rules",
      { rules: "masquerade policy drop policy drop; tcp dport 1 accept" },
      "services.iptables",
      /not those of \/etc\/nftables\.conf/,
    ],
    ["no forwarding", { facts: facts("ip_forward", "0") }, "services.iptables", /ip_forward is 0/],
    ["no caddy", { facts: facts("caddy_pid", "") }, "services.caddy", /no caddy process/],
    ["a silent proxy", { proxy: "000\n" }, "services.caddy", /port 8080 does not answer/],
    ["a broken proxy", { proxy: "502\n" }, "services.caddy", /port 8080 does not answer/],
    ["no console", { facts: facts("console_listens", "no") }, "services.cockpit", /port 9090/],
    ["a silent console", { console: "000\n" }, "services.cockpit", /does not answer/],
    ["no WAN address", { facts: facts("wan_ip", "") }, "appliance.wan_ip", /no address/],
    ["no LAN address", { facts: facts("lan_ip", "") }, "appliance.lan_ip", /has no address where/],
    ["no bridge", { facts: facts("lan_state", "lowerlayerdown") }, "bridge", /proximity-lan/],
    ["no router", { upstream: "" }, "network.upstream", /no default route/],
    ["a silent router", { upstream: "192.168.1.1 no\n" }, "network.upstream", /does not answer/],
    [
      "no declaration",
      { facts: facts("declared", "no") },
      "files./etc/proximity/site.json",
      /miss/,
    ],
  ];
  for (const [what, change, subject, words] of broken)
    it(`is unhealthy with ${what}, and says so`, () => {
      const { health_status, problems } = judged(change);
      assert.equal(health_status, "unhealthy");
      assert.deepEqual(
        problems.map((one) => one.subject),
        [subject],
      );
      assert.match(problems[0]?.message ?? "", words);
      assert.ok((problems[0]?.action ?? "").length > 20);
    });

  it("names each placed file that is missing, changed, or of another mode", () => {
    const good = allWell(declared());
    const { files, modes } = good;
    const status = judged({
      files: (files ?? "")
        .replace(/^\S+ {2}\/etc\/nftables\.conf\n/m, "")
        .replace(/^\S+( {2}\/etc\/caddy\/Caddyfile)$/m, `${"0".repeat(64)}$1`),
      modes: (modes ?? "").replace(/^644 (\/etc\/resolv\.conf)$/m, "600 $1"),
    });
    const changed = status.files.filter(({ state }) => state !== "intact");
    assert.deepEqual(changed, [
      { path: "/etc/nftables.conf", state: "missing" },
      { path: "/etc/caddy/Caddyfile", state: "changed" },
      { path: "/etc/resolv.conf", state: "mode 600" },
    ]);
    assert.equal(status.health_status, "unhealthy");
  });

  it("names a file of secrets too, without its digest in the list that everybody may read", () => {
    assert.doesNotMatch(declared(), /caddy\/users/);
    const { files, problems } = judged({ private: "missing\t/etc/caddy/users\n" });
    assert.deepEqual(files.at(-1), { path: "/etc/caddy/users", state: "missing" });
    assert.equal(problems[0]?.message, "/etc/caddy/users is missing.");
  });

  it("is only degraded by an app that does not answer, or space that runs out", () => {
    const silent = judged({ apps: "0 200 0.01 \n1 000 2.001 Connection timed out\n" });
    assert.equal(silent.health_status, "degraded");
    assert.deepEqual(
      silent.problems.map(({ severity, message }) => `${severity} ${message}`),
      ["warning wiki: Connection timed out."],
    );
    assert.deepEqual(silent.applications[1]?.health, {
      healthy: false,
      http_status: null,
      seconds: 2.001,
      reason: "Connection timed out",
    });
    const failing = judged({ apps: "0 200 0.01 \n1 503 0.1 \n" }).applications[1]?.health;
    assert.equal(failing?.reason, "it answers with status 503");
    assert.equal(judged({ facts: facts("disk_free", "10") }).health_status, "degraded");
    assert.equal(judged({ facts: facts("memory_free", "10") }).health_status, "degraded");
  });

  it("says when guests that are not declared have all addresses there are for them, and when one floods", () => {
    const strangers = (count: number) =>
      Array.from({ length: count }, (_, at) => {
        const byte = at.toString(16).padStart(2, "0");
        return `${now / 1000 + 60} 02:aa:00:00:00:${byte} 10.20.0.${213 + at} * *\n`;
      }).join("");
    const said = (change: Record<string, string>) => {
      const { health_status, problems } = judged(change);
      return [health_status, ...problems.map(({ subject, message }) => `${subject}: ${message}`)];
    };
    const apps = allWell(declared())["leases"] ?? "";
    assert.deepEqual(said({ leases: apps + strangers(37) }), ["healthy"]);
    const full = said({ leases: apps + strangers(38) });
    assert.equal(full[0], "degraded");
    assert.match(full[1] ?? "", /^network\.dhcp_range: Guests that are not declared hold 38 /);
    const flooded = said({ facts: facts("dhcp_dropped", "12") });
    assert.match(flooded[1] ?? "", /^network\.dhcp_range: A guest floods DHCP: 12 packets/);
  });

  it("skips what is not a lease", () => {
    const { leases } = judged({ leases: "x y z\nnan 02:aa:00:00:00:01 10.20.0.213 * *\n\n" });
    assert.deepEqual(leases, []);
  });

  it("joins leases with declared apps by MAC, and never by what a guest calls itself", () => {
    const good = allWell(declared())["leases"] ?? "";
    const stranger = "0 02:aa:bb:cc:dd:ee 10.20.0.150 wiki *\n";
    const { leases, applications } = judged({ leases: `${good}${stranger}` });
    assert.deepEqual(leases.at(-1), {
      ip: "10.20.0.150",
      mac: "02:aa:bb:cc:dd:ee",
      hostname: "wiki",
      expires_at: null,
      app: null,
      declared: false,
    });
    assert.equal(applications.find(({ hostname }) => hostname === "wiki")?.ip, "10.20.0.102");
    assert.equal(leases[0]?.expires_at, "2026-01-05T11:00:00Z");
  });

  it("is stale when nobody has looked for three intervals", () => {
    const status = judged();
    assert.equal(isStale(status, now + 15_000), false);
    assert.equal(isStale(status, now + 15_001), true);
  });

  it("says what it can where nothing at all was seen", () => {
    const nothing = Object.fromEntries(Object.keys(allWell(declared())).map((key) => [key, ""]));
    const status = judged({ ...nothing, facts: allWell(declared())["facts"] ?? "" });
    assert.equal(status.health_status, "unhealthy");
    assert.equal(status.applications[0]?.health.reason, "it has no DHCP lease");
  });
});
