/** Everything the appliance is given: its packages and its files, each by the renderer of its format. */
import { networkOf } from "../model/net";
import type { Site } from "../model/site";
import type { BundleFile } from "./bundle";
import { renderCaddyfile } from "./caddyfile";
import { dhcpHostsPath, renderDhcpHosts, renderDnsmasq } from "./dnsmasq";
import { header, toText } from "./header";
import { renderNftables } from "./nftables";
import { renderSiteFile, siteFilePath } from "./site-file";

const wan = "eth0";
const lan = "eth1";
const consolePort = 9090;

/** Ports of the reverse proxy, on both sides. */
export const proxyPorts: readonly number[] = [80, 8080];

/** Debian packages of the appliance. */
export function appliancePackages({ appliance }: Site): readonly string[] {
  // curl, jq and ping are the probe's.
  const base = [
    "ca-certificates",
    "caddy",
    "curl",
    "dnsmasq",
    "iproute2",
    "iputils-ping",
    "jq",
    "nftables",
  ];
  // openssl makes the console's own certificate.
  const cockpit = ["cockpit-bridge", "cockpit-system", "cockpit-ws", "openssl"];
  return appliance.console ? [...base, ...cockpit] : base;
}

/** The appliance's files, whole, by absolute path; `verbatim` are those that are placed as they are. */
export function applianceFiles(
  site: Site,
  verbatim: readonly BundleFile[] = [],
): readonly BundleFile[] {
  const { network, appliance, apps } = site;
  const contents: Readonly<Record<string, string>> = {
    "/etc/dnsmasq.d/proximity.conf": renderDnsmasq({ network, hostname: appliance.hostname, lan }),
    [dhcpHostsPath]: renderDhcpHosts(apps),
    "/etc/nftables.conf": renderNftables({
      network,
      wan,
      lan,
      proxyPorts,
      ...(appliance.console ? { consolePort } : {}),
    }),
    "/etc/caddy/Caddyfile": renderCaddyfile({
      apps,
      hostname: appliance.hostname,
      network: networkOf(network.cidr),
      domain: network.domain,
      ports: proxyPorts,
    }),
    "/etc/sysctl.d/60-proximity.conf": toText([header("#"), "net.ipv4.ip_forward = 1"]),
    // The appliance resolves by its own dnsmasq; neither DHCP on the WAN side nor Proxmox at a start
    // may point it elsewhere, or the proxy no longer finds the apps (facts/lab.md, trap 2).
    "/etc/resolv.conf": toText([header("#"), `search ${network.domain}`, "nameserver 127.0.0.1"]),
    "/etc/.pve-ignore.resolv.conf": "",
    "/etc/dhcp/dhclient-enter-hooks.d/proximity": toText([
      header("#"),
      "make_resolv_conf() { :; }",
    ]),
  };
  const files = [
    ...Object.entries(contents).map(([path, content]) => ({ path, mode: "0644", content })),
    ...verbatim,
  ];
  const declared = renderSiteFile({
    site,
    wan,
    lan,
    ruleset: "/etc/nftables.conf",
    proxyPort: proxyPorts.at(-1) ?? 80,
    consolePort: appliance.console ? consolePort : 0,
    files,
  });
  return [...files, { path: siteFilePath, mode: "0644", content: declared }];
}
