/** What is declared, as the appliance's probe reads it (appliance/usr/local/lib/proximity/probe.sh). */
import { createHash } from "node:crypto";

import { networkOf } from "../model/net";
import type { Site } from "../model/site";
import type { BundleFile } from "./bundle";

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
      domain: network.domain,
    },
    applications: apps.map(({ name, vmid, mac, port }) => ({ name, vmid, mac, port })),
    files: input.files.map(({ path, mode, content }) => ({ path, mode, sha256: digest(content) })),
  };
  return `${JSON.stringify(declared, null, 1)}\n`;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
