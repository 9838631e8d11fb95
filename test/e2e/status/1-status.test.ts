import assert from "node:assert/strict";

import { statusSchema, type Status } from "../../../model/status";
import { opens } from "../support/probes";
import { checkout, get, inside, mustInside, mustOn, outputs } from "../support/world";

const api = "/api/v1/system/infrastructure/status";

/** What the appliance serves, checked against its schema. */
function served(): Status {
  const { body } = get("lan-client", `http://${outputsWan()}:8081${api}`);
  return statusSchema.parse(JSON.parse(body));
}

let wan: string | undefined;
function outputsWan(): string {
  return (wan ??= outputs().appliance.wanAddress);
}

/** What a command of the operator's side printed as JSON. */
function told(command: string): unknown {
  const { stdout } = checkout().run("npx", ["tsx", `commands/${command}.ts`, "dev", "--json"]);
  return JSON.parse(stdout);
}

/** Waits until the status that the appliance wrote is as wanted; the spec is 15 s. */
function within15s(what: string, holds: (status: Status) => boolean): Status {
  const end = Date.now() + 15_000;
  for (;;) {
    const text = inside(100, "cat /run/proximity/status.json").stdout;
    const status = statusSchema.parse(JSON.parse(text));
    if (holds(status)) return status;
    assert.ok(Date.now() < end, `${what}: still ${JSON.stringify(status.problems)}`);
  }
}

const isWell = ({ health_status }: Status) => health_status === "healthy";
const complains = (subject: string) => (status: Status) =>
  status.health_status === "unhealthy" && status.problems.some((one) => one.subject === subject);

/** Every file that a script left in the appliance, as the appliance remembers it. */
const placedFiles = () =>
  mustInside(
    100,
    "cd /var/lib/proximity/placed && find */files -type f | sed 's|^[^/]*/files||' | sort",
  ).split("\n");

before(() => {
  checkout().must("make", ["up"]);
});

describe("the status", () => {
  before(() => within15s("after up", isWell));

  it("has a port, and so an origin, of its own, and headers that keep it to itself", () => {
    const own = `http://${outputsWan()}:8081`;
    const page = get("lan-client", `${own}/`, "-D", "-");
    assert.equal(page.status, "200");
    assert.match(page.body, /content-security-policy: default-src 'none'/i);
    assert.match(page.body, /x-frame-options: deny/i);
    assert.match(page.body, /cache-control: no-store/i);
    assert.equal(get("lan-client", `${own}${api}`).status, "200");
    assert.equal(get("lan-client", `${own}/nginx-01/`).status, "404");
    for (const port of [80, 8080])
      for (const path of ["/", api]) {
        const { status, body } = get("lan-client", `http://${outputsWan()}:${port}${path}`, "-i");
        assert.equal(status, "302");
        assert.match(body, new RegExp(`^Location: ${own}${path}\\r?$`, "m"));
      }
  });

  it("tells what is so: addresses, leases and apps as the guests have them", () => {
    const status = served();
    const { apps } = outputs();
    assert.equal(status.appliance.wan_ip, outputsWan());
    assert.deepEqual(
      status.applications.map(({ hostname, ip, health }) => [hostname, ip, health.http_status]),
      Object.entries(apps).map(([name, { address }]) => [name, address, 200]),
    );
    assert.ok(status.leases.every(({ declared }) => declared));
  });

  it("is not shown to apps, nor under a name that is not the appliance's", () => {
    const fetch = (address: string) =>
      mustInside(
        101,
        `timeout 4 bash -c 'exec 3<>/dev/tcp/${address}/8080; printf "GET ${api} HTTP/1.0\\r\\nHost: ${address}\\r\\n\\r\\n" >&3; head -n 1 <&3'`,
      );
    assert.match(fetch("10.20.0.1"), / 404 /);
    assert.match(fetch(outputsWan()), / 404 /);
    for (const address of ["10.20.0.1", outputsWan()])
      assert.notEqual(inside(101, opens(address, 8081)).code, 0);
    const as = (host: string) =>
      get("lan-client", `http://${outputsWan()}:8081${api}`, "-H", `'Host: ${host}'`).status;
    assert.equal(as("evil.example"), "404");
    assert.equal(as("prox-appliance.prox.local:8081"), "200");
  });

  it("is told from the operator's side too, with the bridge as the node has it", () => {
    const status = statusSchema.parse(told("status"));
    assert.deepEqual(status.bridge, {
      name: "proximity-lan",
      exists: true,
      status: "UP",
      observed_by: "node",
    });
    assert.match(checkout().must("make", ["status"]), /prox-appliance is healthy/);
  });

  const broken: readonly (readonly [string, string, string, string])[] = [
    ["dnsmasq stopped", "systemctl stop dnsmasq", "systemctl start dnsmasq", "services.dnsmasq"],
    ["caddy stopped", "systemctl stop caddy", "systemctl start caddy", "services.caddy"],
    [
      "the console stopped",
      "systemctl stop cockpit.socket",
      "systemctl start cockpit.socket",
      "services.cockpit",
    ],
    ["the ruleset flushed", "nft flush ruleset", "systemctl reload nftables", "services.iptables"],
    [
      "a rule added by hand",
      "nft insert rule inet proximity input tcp dport 22 accept",
      "systemctl reload nftables",
      "services.iptables",
    ],
    [
      "forwarding switched off",
      "echo 0 >/proc/sys/net/ipv4/ip_forward",
      "echo 1 >/proc/sys/net/ipv4/ip_forward",
      "services.iptables",
    ],
  ];
  for (const [what, breaking, mending, subject] of broken)
    it(`turns red within 15 s with ${what}, and green again`, () => {
      mustInside(100, breaking);
      within15s(what, complains(subject));
      mustInside(100, mending);
      within15s(`${what}, mended`, isWell);
    });

  it("is broken above in every service that it tells of", () => {
    const subjects = new Set(broken.map(([, , , subject]) => subject));
    assert.deepEqual(
      [...subjects].sort(),
      Object.keys(served().services)
        .map((name) => `services.${name}`)
        .sort(),
    );
  });

  it("turns red within 15 s with each placed file deleted, whatever is placed; an update heals it", () => {
    const paths = placedFiles();
    assert.ok(paths.length > 20, paths.join());
    mustInside(100, `rm ${paths.join(" ")}`);
    const { problems } = within15s("all deleted", (status) =>
      paths.every((path) => complains(`files.${path}`)(status)),
    );
    const told = problems.filter(({ subject }) => subject.startsWith("files."));
    assert.deepEqual(
      told.map(({ message }) => message).sort(),
      paths.map((path) => `${path} is missing.`).sort(),
    );
    checkout().must("make", ["up"]);
    within15s("all back", isWell);
    assert.deepEqual(placedFiles(), paths);
  });

  it("turns red with all services stopped and the rules flushed; an update heals it", () => {
    mustInside(100, "systemctl stop dnsmasq caddy cockpit.socket; nft flush ruleset");
    within15s("all stopped", (status) =>
      broken.every(([, , , subject]) => complains(subject)(status)),
    );
    checkout().must("make", ["up"]);
    within15s("an update", isWell);
  });

  it("has a killed daemon back by the service manager, the one that looks too", () => {
    const daemons = "dnsmasq caddy proximity-probe";
    const pids = mustInside(100, `systemctl show -p MainPID --value ${daemons}`);
    mustInside(100, `systemctl kill -s KILL ${daemons}`);
    mustInside(
      100,
      `n=0; until systemctl -q is-active dnsmasq && systemctl -q is-active caddy && systemctl -q is-active proximity-probe; do n=$((n + 1)); [ $n -lt 100 ]; sleep 0.1; done`,
    );
    const others = mustInside(100, `systemctl show -p MainPID --value ${daemons}`);
    for (const pid of pids.match(/\d+/g) ?? assert.fail())
      assert.doesNotMatch(others, RegExp(`^${pid}$`, "m"));
    const now = Date.parse(served().checked_at);
    within15s("restarted", (status) => isWell(status) && Date.parse(status.checked_at) > now);
  });

  it("is red while the container is down, and well again after its start", () => {
    mustOn("pve1", "pct stop 100");
    const status = statusSchema.parse(told("status"));
    assert.equal(status.health_status, "unhealthy");
    assert.ok(status.problems.some(({ message }) => message === "The appliance is stopped."));
    mustOn("pve1", "pct start 100");
    mustInside(
      100,
      "n=0; until [ -s /run/proximity/status.json ]; do n=$((n + 1)); [ $n -lt 300 ]; sleep 0.1; done",
    );
    within15s("restarted", isWell);
  });

  it("is degraded by an app that does not answer", () => {
    mustInside(101, "systemctl stop nginx");
    const status = within15s("no nginx", ({ health_status }) => health_status === "degraded");
    assert.equal(status.problems[0]?.subject, "applications.nginx-01");
    assert.equal(checkout().run("make", ["status"]).code === 0, false);
    mustInside(101, "systemctl start nginx");
    within15s("nginx again", isWell);
  });
});
