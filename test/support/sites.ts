import { planSite, type Plan } from "../../model/placement";
import type { ReadSource } from "../../model/sources";
import { parseSite, siteOn, type DeclaredSite, type Site } from "../../model/site";

/** No file of these sites has its text elsewhere. */
export const noSources: ReadSource = () => ({ ok: false, why: "was read." });

/** A whole public key, as a node shows it. */
export const hostKey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB9XmYIgcwVQzHUBcnJE+87zK9+cUTaACxJRE6ToEY9q";

/** An example's text with a whole key in place of each that a person must replace. */
export function withHostKeys(text: string): string {
  return text.replaceAll(/hostKey: ssh-ed25519 REPLACE\S*/g, `hostKey: ${hostKey}`);
}

/** The smallest legal site, as a person writes it. */
export const minimal = {
  node: { name: "pve1", ssh: { host: "pve1.lan", hostKey } },
  template: "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst",
};

/** A site with two apps, one of them with a reservation and an exception from the isolation. */
export const small = {
  ...minimal,
  network: { upstreamDns: ["192.168.1.1"], allow: ["192.168.1.77/32"] },
  apps: {
    wiki: { vmid: 102, port: 8000, address: "10.20.0.20" },
    "nginx-01": { vmid: 101, packages: ["nginx-light"], services: ["nginx"] },
  },
};

/** A site that uses every service of the appliance. */
export const full = {
  ...minimal,
  network: {
    mtu: 1450,
    dhcp: {
      options: { "ntp-server": ["192.168.1.1", "192.168.1.2"], "252": "http://wpad/wpad.dat" },
    },
    upstreamDns: ["192.168.1.1"],
    dns: {
      records: { printer: "192.168.1.60", "intranet.example.org": ["10.20.0.20", "192.168.1.61"] },
      wildcards: { "thinkheads.ai": "10.20.0.1" },
      forwards: { "lan.example.net": ["192.168.1.1"], "1.168.192.in-addr.arpa": ["192.168.1.1"] },
      rebindDomainOk: ["plex.direct"],
    },
  },
  appliance: { https: true, consoleUser: "keeper" },
  apps: {
    plain: { vmid: 101 },
    wiki: {
      vmid: 102,
      port: 8000,
      address: "10.20.0.20",
      proxy: {
        headers: {
          request: { set: { "X-From": 'the "proxy"' }, remove: ["Cookie"] },
          response: { set: { "X-Robots-Tag": "noindex" }, remove: ["X-Powered-By"] },
        },
        frame: true,
        health: { path: "/health", interval: 5 },
        auth: ["alice", "bob"],
        allowFrom: ["192.168.1.0/24", "10.20.0.0/24"],
        log: true,
      },
    },
  },
  forwards: {
    git: { port: 2222, app: "wiki", appPort: 22 },
    media: { protocol: "udp", port: "5000-5010", app: "wiki", from: ["192.168.1.0/24"] },
  },
};

/** Parses a site that must be legal. */
export function declared(value: unknown = small): DeclaredSite {
  const result = parseSite(value, "dev", noSources);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.site;
}

/** The seed's gateway: nginx with an inner address and one of its own on the LAN. */
export const gateway = {
  ...minimal,
  network: { cidr: "10.0.0.0/24", dhcp: { start: "10.0.0.200", end: "10.0.0.250" } },
  guests: {
    gateway: {
      vmid: 101,
      internal: { address: "10.0.0.153/24", gateway: "10.0.0.1" },
      packages: ["nginx-light"],
      services: ["nginx"],
      public_interface: {
        enabled: true,
        type: "macvlan",
        mode: "bridge",
        ip: "192.168.1.153/24",
        gw: "192.168.1.1",
        mac_address: "02:00:00:00:01:01",
      },
    },
  },
  obsoleteNat: ["gateway", "-A POSTROUTING -s 10.0.0.0/24 -o vmbr0 -j MASQUERADE"],
};

/** The same with parts of its public interface changed. */
export function gatewayWith(nic: object, guest: object = {}) {
  const { public_interface, ...rest } = gateway.guests.gateway;
  return {
    ...gateway,
    guests: { gateway: { ...rest, ...guest, public_interface: { ...public_interface, ...nic } } },
  };
}

/** The same, on the node that it names. */
export function site(value: unknown = small): Site {
  const parsed = declared(value);
  const placed = siteOn(parsed, parsed.node.name);
  if (placed === undefined) throw new Error(`there is no SSH for ${parsed.node.name}`);
  return placed;
}

/** What is declared of a site where nothing is placed yet. */
export function plan(value: unknown = small): Plan {
  return planSite(declared(value), { own: [] });
}

/** No console user, and nobody behind a password. */
export const noSecrets = { consolePassword: "", users: {} };
