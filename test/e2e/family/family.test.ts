import assert from "node:assert/strict";

import { statusSchema, type Status } from "../../../model/status";
import { planned } from "../support/changes";
import { useExample } from "../support/examples";
import { checkout, get, inside, mustInside, mustOn, on, outputs } from "../support/world";
import { placeTemplate } from "./template";

const appliance = 100;
const web = 101;

/** What the appliance's probe says when the condition holds, which may take 20 s. */
function status(what: string, holds: (status: Status) => boolean): Status {
  const end = Date.now() + 20_000;
  for (;;) {
    // Right after a start of the container there is none yet.
    const text = inside(appliance, "cat /run/proximity/status.json").stdout;
    const seen = text === "" ? undefined : statusSchema.parse(JSON.parse(text));
    if (seen !== undefined && holds(seen)) return seen;
    assert.ok(Date.now() < end, `${what}: still ${JSON.stringify(seen?.problems)}`);
  }
}

const isWell = ({ health_status }: Status) => health_status === "healthy";

/** What the package manager has been told to do in a guest so far, questions left out. */
const told = (vmid: number) =>
  mustInside(vmid, "cat /var/log/apk.calls")
    .split("\n")
    .filter((call) => !call.startsWith("apk info -e "));

const pidOf = (service: string) => inside(appliance, `pidof ${service}`).stdout.trim();

describe("a site of the family alpine, on OpenRC", () => {
  let there = "";
  let template = "";

  before(() => {
    there = mustOn("pve1", "ls /etc/pve/lxc /sys/class/net");
    template = placeTemplate(process.env["E2E_LAB"] ?? "e2e");
    checkout().edit(({ config }) => {
      const site = config["proximity-lan:site"];
      site["appliance"] = { family: "alpine", template, console: false };
      site.apps = {
        web: {
          vmid: web,
          family: "alpine",
          template,
          address: "10.20.0.20",
          packages: ["nginx", "nginx-openrc"],
          files: {
            "/etc/nginx/conf.d/page.conf": {
              content: "server { listen 8000; location / { root /srv/page; } }\n",
            },
            "/srv/page/index.html": { content: "Served on OpenRC" },
          },
          port: 8000,
          services: ["nginx"],
        },
      };
    });
    checkout().must("make", ["up"]);
  });

  const page = () => get("lan-client", `http://${outputs().appliance.wanAddress}/web/`);

  it("is built: a client of the LAN gets the app's page", () => {
    assert.deepEqual(page(), { status: "200", body: "Served on OpenRC" });
    for (const vmid of [appliance, web])
      assert.equal(
        mustInside(vmid, "readlink /proc/1/exe; cat /run/openrc/softlevel"),
        "/usr/bin/busybox\ndefault",
      );
  });

  it("has the reserved address, and a name that the resolver knows", () => {
    assert.equal(outputs().apps["web"]?.address, "10.20.0.20");
    assert.match(
      mustInside(web, "nslookup web.prox.local 10.20.0.1"),
      /Name:\s*web\.prox\.local\s+Address[^:]*: 10\.20\.0\.20/,
    );
  });

  it("asks apk once for what is missing, and starts its services with the guest", () => {
    assert.deepEqual(told(web), ["apk add --no-cache --wait 300 nginx nginx-openrc"]);
    assert.equal(told(appliance).length, 1);
    assert.match(mustInside(appliance, "rc-update show boot"), /proximity-filter[\s\S]*sysctl/);
    const started = mustInside(appliance, "rc-update show default");
    for (const service of ["caddy", "dnsmasq", "proximity-probe"])
      assert.ok(started.includes(` ${service} `), started);
  });

  it("is healthy by its own probe and for the operator", () => {
    const seen = status("after up", isWell);
    assert.equal(seen.family, "alpine");
    assert.equal(seen.services.cockpit.declared, false);
    for (const command of ["status", "doctor", "verify"]) {
      const { code, stdout } = checkout().run("make", ["-s", command]);
      assert.equal(code, 0, stdout);
    }
  });

  it("has nothing to do in a second update", () => {
    const before = [told(appliance), pidOf("dnsmasq"), pidOf("caddy")];
    assert.deepEqual(planned(), []);
    assert.match(checkout().must("make", ["up"]), /unchanged/);
    assert.deepEqual([told(appliance), pidOf("dnsmasq"), pidOf("caddy")], before);
  });

  for (const daemon of ["dnsmasq", "caddy"])
    it(`gets ${daemon} back by its supervisor when it is killed`, () => {
      const killed = pidOf(daemon);
      mustInside(appliance, `kill -9 ${killed}`);
      status(`${daemon} killed`, () => !["", killed].includes(pidOf(daemon)));
      status(`${daemon} back`, isWell);
    });

  it("turns red for a service that somebody stopped, and is healed by an update through rc-service", () => {
    mustInside(appliance, "rc-service dnsmasq stop && rc-service caddy stop");
    mustInside(web, "rc-service nginx stop && rc-update del nginx default");
    const red = status("stopped", ({ health_status }) => health_status === "unhealthy");
    const [problem] = red.problems.filter(({ subject }) => subject === "services.dnsmasq");
    assert.match(problem?.action ?? "", /rc-service dnsmasq restart/);
    assert.deepEqual(planned(), ["update prox-appliance-services", "update web-setup"]);
    checkout().must("make", ["up"]);
    status("healed", isWell);
    assert.equal(page().status, "200");
    assert.ok(mustInside(web, "rc-update show default").includes("nginx"));
  });

  it("keeps its filter, its resolver and its services over a restart of the container", () => {
    const rules = mustInside(appliance, "nft -s -t list table inet proximity");
    const { code, stderr } = on("pve1", `pct stop ${appliance} && pct start ${appliance}`);
    assert.equal(code, 0, stderr);
    status(
      "restarted",
      (seen) => isWell(seen) && Date.parse(seen.checked_at) > Date.now() - 10_000,
    );
    assert.equal(mustInside(appliance, "nft -s -t list table inet proximity"), rules);
    assert.match(mustInside(appliance, "cat /etc/resolv.conf"), /^nameserver 127\.0\.0\.1$/m);
    assert.equal(mustInside(appliance, "cat /proc/sys/net/ipv4/ip_forward"), "1");
    assert.equal(page().status, "200");
    assert.deepEqual(planned(), []);
  });

  it("takes a changed list and a changed proxy in without a restart", () => {
    const before = [pidOf("dnsmasq"), pidOf("caddy")];
    checkout().edit(({ config }) => {
      Object.assign(config["proximity-lan:site"].network, {
        dns: { records: { printer: "192.168.1.60" } },
      });
      Object.assign(config["proximity-lan:site"].apps["web"] ?? {}, {
        proxy: { headers: { response: { set: { "X-From": "caddy" } } } },
      });
    });
    checkout().must("make", ["up"]);
    assert.deepEqual([pidOf("dnsmasq"), pidOf("caddy")], before);
    assert.match(mustInside(web, "nslookup printer.prox.local 10.20.0.1"), /192\.168\.1\.60/);
    const url = `http://${outputs().appliance.wanAddress}/web/`;
    assert.match(get("lan-client", url, "-D", "-").body, /x-from: caddy/i);
  });

  it("may be that of examples/platinum-alpine.yaml", () => {
    checkout().must("make", ["destroy"]);
    useExample("platinum-alpine.yaml", (site) => {
      for (const part of [site["appliance"], ...Object.values(site.apps)])
        Object.assign(part as object, { template });
    });
    checkout().mustPulumi("up", "--yes", "--skip-preview");
    const { apps } = outputs();
    assert.deepEqual([apps["web"]?.listening, apps["notes"]?.listening], [true, true]);
  });

  it("goes whole", () => {
    checkout().must("make", ["destroy"]);
    assert.equal(mustOn("pve1", "ls /etc/pve/lxc /sys/class/net"), there);
  });
});
