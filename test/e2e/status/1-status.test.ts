import assert from "node:assert/strict";

import { statusSchema, type Status } from "../../../model/status";
import { checkout, get, inside, mustInside, mustOn, outputs } from "../support/world";

const api = "/api/v1/system/infrastructure/status";

/** What the appliance serves, checked against its schema. */
function served(): Status {
  const { body } = get("lan-client", `http://${outputsWan()}:8080${api}`);
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

before(() => {
  checkout().must("make", ["up"]);
});

describe("the status", () => {
  before(() => within15s("after up", isWell));

  it("is served on both ports, with headers that keep it to itself", () => {
    for (const port of [80, 8080]) {
      const page = get("lan-client", `http://${outputsWan()}:${port}/`, "-D", "-");
      assert.equal(page.status, "200");
      assert.match(page.body, /content-security-policy: default-src 'none'/i);
      assert.match(page.body, /x-frame-options: deny/i);
      assert.match(page.body, /cache-control: no-store/i);
      assert.equal(get("lan-client", `http://${outputsWan()}:${port}${api}`).status, "200");
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
    const as = (host: string) =>
      get("lan-client", `http://${outputsWan()}:8080${api}`, "-H", `'Host: ${host}'`).status;
    assert.equal(as("evil.example"), "404");
    assert.equal(as("prox-appliance.prox.local:8080"), "200");
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
    ["the ruleset flushed", "nft flush ruleset", "nft -f /etc/nftables.conf", "services.iptables"],
    [
      "a rule added by hand",
      "nft insert rule inet proximity input tcp dport 22 accept",
      "nft -f /etc/nftables.conf",
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

  it("turns red within 15 s with each placed file deleted, and green again", () => {
    const paths = served().files.map(({ path }) => path);
    assert.ok(paths.length > 12);
    const list = paths.join(" ");
    mustInside(100, `tar -cpf /root/placed.tar ${list} 2>/dev/null && rm ${list}`);
    within15s("all deleted", ({ files }) => files.every(({ state }) => state === "missing"));
    mustInside(100, "tar -xpf /root/placed.tar -C / && rm /root/placed.tar");
    within15s("all back", isWell);
    mustInside(100, "mv /etc/proximity/site.json /root/");
    within15s("no declaration", complains("files./etc/proximity/site.json"));
    mustInside(100, "mv /root/site.json /etc/proximity/");
    within15s("declared again", isWell);
  });

  it("has a killed daemon back by the service manager", () => {
    mustInside(100, "kill -9 $(pidof dnsmasq) $(pidof caddy)");
    mustInside(
      100,
      "n=0; until pidof dnsmasq && pidof caddy; do n=$((n + 1)); [ $n -lt 100 ]; sleep 0.1; done",
    );
    within15s("restarted", isWell);
  });

  it("is well again after a restart of the container", () => {
    mustOn("pve1", "pct reboot 100");
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
