/** The site of the specs of the appliance's services: one app with everything, one that only asks. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { checkout } from "./world";

/** VMIDs. */
export const appliance = 100;
export const asker = 101;
export const target = 102;
/** Address of the app `target`. */
export const targetAddress = "10.20.0.20";
/** The console's user, and alice, may log in with this. */
export const password = "lab-pass";

const unit =
  "[Service]\nExecStart=/usr/bin/perl /srv/server.pl\nRestart=always\n\n[Install]\nWantedBy=multi-user.target\n";

/** Files and service of an app that answers on port 8000. */
export const served = () => ({
  port: 8000,
  memory: 128,
  files: {
    "/srv/server.pl": {
      content: readFileSync(join(__dirname, "..", "services", "app", "server.pl"), "utf8"),
    },
    "/etc/systemd/system/server.service": { content: unit },
  },
  services: ["server"],
});

/** Declares it in the copy's stack. */
export function declareServices(): void {
  checkout().edit(({ config }) => {
    config["proximity-lan:consolePassword"] = password;
    config["proximity-lan:basicAuth"] = {
      alice: "$2a$14$ozVO7m/C04w6R5vqBHVEFePOHYzLL.1.J7jGSleXaVV9TTZDqI.cq",
    };
    Object.assign(config["proximity-lan:site"], {
      network: {
        mtu: 1400,
        upstreamDns: ["192.168.1.1"],
        dhcp: { options: { "ntp-server": "192.168.1.1" } },
        dns: {
          records: { printer: "192.168.1.60", "outside.example.net": "192.168.1.61" },
          wildcards: { "thinkheads.ai": "10.20.0.1" },
          forwards: { "lan.example.net": ["192.168.1.1"] },
        },
      },
      appliance: { https: true, consoleUser: "keeper" },
      apps: {
        asker: { vmid: asker, memory: 128 },
        target: {
          vmid: target,
          address: targetAddress,
          ...served(),
          proxy: {
            headers: {
              request: { set: { "X-From": "the proxy" }, remove: ["X-Unwanted"] },
              response: { remove: ["X-Powered-By"] },
            },
            frame: true,
            health: { path: "/health", interval: 1 },
            log: true,
          },
        },
        locked: { vmid: 103, ...served(), proxy: { auth: ["alice"] } },
        near: { vmid: 104, ...served(), proxy: { allowFrom: ["10.20.0.0/24"] } },
      },
      forwards: {
        web: { port: 8800, app: "target", appPort: 8000 },
        some: { port: "8810-8812", app: "target", from: ["198.51.100.0/24"] },
        echo: { protocol: "udp", port: 8820, app: "target" },
      },
    });
  });
}
