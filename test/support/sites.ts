import { parseSite, type Site } from "../../model/site";

/** The smallest legal site, as a person writes it. */
export const minimal = {
  node: { name: "pve1", ssh: { host: "pve1.lan", hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1" } },
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

/** Parses a site that must be legal. */
export function site(value: unknown = small): Site {
  const result = parseSite(value, "dev");
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.site;
}
