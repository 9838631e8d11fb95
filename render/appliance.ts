/** Everything the appliance is given: its packages and its files, each by the renderer of its format. */
import { innerAddress } from "../model/guest";
import { networkOf } from "../model/net";
import { poolOf } from "../model/pool";
import type { Site } from "../model/site";
import type { BundleFile } from "./bundle";
import { renderCaddyfile } from "./caddy/caddyfile";
import { statusPort } from "./caddy/status";
import {
  lists,
  renderDhcpHosts,
  renderDhcpOptions,
  renderDnsmasq,
  renderHosts,
  renderServers,
} from "./dnsmasq";
import { applianceFamilies, setsProgram } from "./family";
import { header, toText } from "./header";
import { renderGuests, type GuestAddress } from "./guest-addresses";
import { renderNftables, type TargetedForward } from "./nftables";
import { renderSiteFile, siteFilePath } from "./site-file";

const wan = "eth0";
const lan = "eth1";
const consolePort = 9090;
const httpPorts: readonly number[] = [80, 8080];

/** Ports of the reverse proxy, on both sides. */
export function proxyPorts({ https }: Pick<Site["appliance"], "https">): readonly number[] {
  return https ? [...httpPorts, 443] : httpPorts;
}

/** Packages of the appliance, by the names of its family. */
export function appliancePackages({ appliance }: Site): readonly string[] {
  // openssl makes the console's own certificate, sudo is how its user becomes root.
  const cockpit = ["cockpit-bridge", "cockpit-system", "cockpit-ws", "openssl"];
  return [
    ...applianceFamilies[appliance.family].packages,
    ...(appliance.console ? cockpit : []),
    ...(appliance.consoleUser === undefined ? [] : ["sudo"]),
  ];
}

/** The appliance's files, whole, by absolute path; `verbatim` are those that are placed as they are. */
export function applianceFiles(
  site: Site,
  verbatim: readonly BundleFile[] = [],
): readonly BundleFile[] {
  const { network, appliance, apps } = site;
  const { hostname, https } = appliance;
  const family = applianceFamilies[appliance.family];
  const contents: Readonly<Record<string, string>> = {
    "/etc/dnsmasq.d/proximity.conf": renderDnsmasq({
      network,
      pool: poolOf(site),
      hostname,
      lan,
      onLease: setsProgram,
    }),
    [lists.dhcpHosts]: renderDhcpHosts(apps),
    [lists.dhcpOptions]: renderDhcpOptions(network),
    [lists.hosts]: renderHosts(
      network,
      declaredAddresses(site).map(({ address }) => address),
    ),
    [lists.servers]: renderServers(network),
    "/etc/proximity/guests": renderGuests(declaredAddresses(site)),
    "/etc/proximity/network": `${networkOf(network.cidr)} ${network.gateway}\n`,
    [family.ruleset]: renderNftables({
      network,
      wan,
      lan,
      proxyPorts: proxyPorts(appliance),
      statusPort,
      ...(appliance.console ? { consolePort } : {}),
      forwards: targeted(site),
    }),
    "/etc/caddy/Caddyfile": renderCaddyfile({
      apps,
      hostname,
      network: networkOf(network.cidr),
      domain: network.domain,
      ports: httpPorts,
      https,
    }),
    "/etc/sysctl.d/60-proximity.conf": toText([
      header("#"),
      "# Caddy takes a new configuration with new sockets beside the old ones (SO_REUSEPORT). What has just",
      "# connected to an old one goes to a new one, and is not cut off (Linux 5.14, ip-sysctl).",
      "net.ipv4.tcp_migrate_req = 1",
    ]),
    // The appliance resolves by its own dnsmasq; neither DHCP on the WAN side nor Proxmox at a start
    // may point it elsewhere, or the proxy no longer finds the apps (docs/proxmox/containers-and-nics.md 6).
    "/etc/resolv.conf": toText([header("#"), `search ${network.domain}`, "nameserver 127.0.0.1"]),
    "/etc/.pve-ignore.resolv.conf": "",
  };
  const files = [
    ...Object.entries(contents).map(([path, content]) => ({ path, mode: "0644", content })),
    ...family.files(appliance.memory),
    ...verbatim.filter(({ path }) => !path.startsWith(family.foreign)),
  ];
  const declared = renderSiteFile({
    site,
    wan,
    lan,
    ruleset: family.ruleset,
    proxyPort: httpPorts.at(-1) ?? 80,
    consolePort: appliance.console ? consolePort : 0,
    files,
  });
  return [...files, { path: siteFilePath, mode: "0644", content: declared }];
}

/** Of every guest on the private network whose address is declared. */
function declaredAddresses({ network, apps, guests }: Site): readonly GuestAddress[] {
  return [
    ...apps.map(({ address, mac }) => ({ address, mac })),
    ...guests
      .filter(({ internal }) => internal.bridge === network.bridge)
      .map((guest) => ({ address: innerAddress(guest), mac: guest.internal.mac })),
  ].flatMap(({ address, mac }) => (address === undefined ? [] : [{ address, mac }]));
}

/** What leads to an app of this network; one that stands on the LAN is reached there. */
function targeted({ apps, forwards }: Site): readonly TargetedForward[] {
  return forwards.flatMap(({ app, ...forward }) => {
    const address = apps.find(({ name }) => name === app)?.address;
    return address === undefined ? [] : [{ ...forward, address }];
  });
}
