import assert from "node:assert/strict";

import { endLoad, startLoad } from "../support/load";
import { served } from "../support/services";
import type { SiteConfig } from "../support/checkout";
import { checkout, get, mustInside, mustOn, outputs } from "../support/world";

const appliance = 100;
const client = (script: string): string => mustOn("lan-client", script);
const rate = 200;

/** An app like `served`, on another port. */
function on(port: number): Record<string, unknown> {
  const app = served();
  const [program] = Object.values(app.files);
  const content = program?.content.replace("LocalPort => 8000", `LocalPort => ${port}`) ?? "";
  return { ...app, port, files: { ...app.files, "/srv/server.pl": { content } } };
}

/** One change after the other, as a day with the site brings them. */
const changes: readonly [string, (site: SiteConfig) => void][] = [
  ["an app is added", ({ apps }) => (apps["one"] = { vmid: 111, ...on(8000) })],
  ["another is added", ({ apps }) => (apps["two"] = { vmid: 112, ...on(8000) })],
  ["its port changes", ({ apps }) => Object.assign(apps["two"] ?? {}, on(8001))],
  [
    "an app gets a reservation",
    ({ apps }) => Object.assign(apps["one"] ?? {}, { address: "10.20.0.31" }),
  ],
  [
    "the reservation changes",
    ({ apps }) => Object.assign(apps["one"] ?? {}, { address: "10.20.0.32" }),
  ],
  [
    "the app that is asked gets a header",
    ({ apps }) =>
      Object.assign(apps["target"] ?? {}, {
        proxy: { headers: { request: { set: { "X-From": "here" } } } },
      }),
  ],
  [
    "a name is added",
    ({ network }) => Object.assign(network, { dns: { records: { printer: "192.168.1.60" } } }),
  ],
  ["a port is forwarded", (site) => (site["forwards"] = { web: { port: 8800, app: "one" } })],
  [
    "an app is removed, and a forward",
    (site) => {
      delete site["forwards"];
      delete site.apps["two"];
      site["removed"] = { two: 112 };
    },
  ],
  [
    "another is removed",
    (site) => {
      delete site.apps["one"];
      site["removed"] = { one: 111 };
    },
  ],
];

describe(`ten changes under ${rate} requests per second`, () => {
  before(() => {
    checkout().edit(({ config }) => {
      config["proximity-lan:site"].apps = { target: { vmid: 102, ...on(8000) } };
    });
    checkout().must("make", ["up"]);
  });

  it("lose not one, restart no daemon and keep every lease", () => {
    const wan = outputs().appliance.wanAddress;
    const daemons = () => mustInside(appliance, "systemctl show -p MainPID --value caddy dnsmasq");
    const lease = () =>
      mustInside(appliance, "awk '$4 == \"target\" { print $2, $3 }' /var/lib/misc/dnsmasq.leases");
    const [pids, held] = [daemons(), lease()];
    assert.notEqual(held, "");
    startLoad(client, { host: wan, port: 8080, path: "/target/", rate });
    for (const [, change] of changes) {
      checkout().edit(({ config }) => {
        change(config["proximity-lan:site"]);
      });
      checkout().must("make", ["up"]);
    }
    const { asked, seconds, reasons } = endLoad(client);
    assert.deepEqual(reasons, []);
    // The load was there: a client that falls behind would hide what is lost.
    assert.ok(asked > 0.9 * rate * seconds, `${asked} in ${seconds} s`);
    assert.equal(daemons(), pids);
    assert.equal(lease(), held);
    assert.equal(get("lan-client", `http://${wan}:8080/one/`).status, "404");
  });
});
