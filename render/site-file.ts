/** What is declared, as the appliance's probe reads it (appliance/usr/local/lib/proximity/probe.sh). */
import { createHash } from "node:crypto";

import { networkOf, toNumber } from "../model/net";
import { poolOf } from "../model/pool";
import type { Site } from "../model/site";
import type { BundleFile } from "./bundle";
import { pathOf } from "./caddy/app";

/** Where the probe looks for it. */
export const siteFilePath = "/etc/proximity/site.json";

/** Seconds between two looks of the probe. */
const interval = 5;

/** What the file depends on beside the site. */
export interface SiteFileInput {
  readonly site: Pick<Site, "network" | "appliance" | "apps" | "node">;
  readonly wan: string;
  readonly lan: string;
  /** Path of the ruleset that is loaded at boot. */
  readonly ruleset: string;
  /** The port on which the proxy is asked. */
  readonly proxyPort: number;
  /** Port of the web console; 0 without one. */
  readonly consolePort: number;
  /** Every file that is placed in the appliance. */
  readonly files: readonly BundleFile[];
}

/** The file; digests stand for the other files' contents. */
export function renderSiteFile(input: SiteFileInput): string {
  const { network, appliance, apps, node } = input.site;
  const declared = {
    mode: "platinum",
    family: appliance.family,
    interval_seconds: interval,
    wan: input.wan,
    lan: input.lan,
    bridge: network.bridge,
    ruleset: input.ruleset,
    proxy_port: input.proxyPort,
    console_port: input.consolePort,
    appliance: { vmid: appliance.vmid, hostname: appliance.hostname, node: node.name },
    network: {
      network: networkOf(network.cidr),
      gateway: network.gateway,
      dhcp_range: `${network.dhcp.start} - ${network.dhcp.end}`,
      others: othersIn(input.site),
      domain: network.domain,
    },
    applications: apps.map((app) => ({
      name: app.name,
      vmid: app.vmid,
      mac: app.mac,
      port: app.port,
      path: pathOf(app),
    })),
    files: input.files.map(({ path, mode, content }) => ({ path, mode, sha256: digest(content) })),
  };
  return `${JSON.stringify(declared, null, 1)}\n`;
}

/** How many addresses there are for guests that are not declared. */
function othersIn(site: SiteFileInput["site"]): number {
  const { others } = poolOf(site);
  return others === undefined ? 0 : toNumber(site.network.dhcp.end) - toNumber(others) + 1;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
