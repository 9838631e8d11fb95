/** Everything the appliance is given: its packages and its files, each by the renderer of its format. */
import type { Site } from "../model/site";
import type { BundleFile } from "./bundle";
import { renderCaddyfile } from "./caddyfile";
import { dhcpHostsPath, renderDhcpHosts, renderDnsmasq } from "./dnsmasq";
import { header, toText } from "./header";
import { renderNftables } from "./nftables";

const wan = "eth0";
const lan = "eth1";
const consolePort = 9090;

/** Ports of the reverse proxy, on both sides. */
export const proxyPorts: readonly number[] = [80, 8080];

/** Debian packages of the appliance. */
export function appliancePackages({ appliance }: Site): readonly string[] {
  const base = ["ca-certificates", "caddy", "dnsmasq", "iproute2", "nftables"];
  // openssl makes the console's own certificate.
  const cockpit = ["cockpit-bridge", "cockpit-system", "cockpit-ws", "openssl"];
  return appliance.console ? [...base, ...cockpit] : base;
}

/** The appliance's files, whole, by absolute path. */
export function applianceFiles({ network, appliance, apps }: Site): readonly BundleFile[] {
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
    "/etc/caddy/Caddyfile": renderCaddyfile({ apps, domain: network.domain, ports: proxyPorts }),
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
  return Object.entries(contents).map(([path, content]) => ({ path, mode: "0644", content }));
}
