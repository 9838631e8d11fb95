/** What differs between families in the appliance: names of packages, and files of a system's own. */
import type { Family } from "../model/family";
import type { BundleFile } from "./bundle";
import { header, toText } from "./header";

/** The program that tells the packet filter of leases and of the way out: appliance/usr/local/sbin/proximity-sets. */
export const setsProgram = "/usr/local/sbin/proximity-sets";

/** One family's appliance. */
export interface ApplianceFamily {
  readonly packages: readonly string[];
  /** Path of the ruleset that is loaded at boot, by the same path in appliance/. */
  readonly ruleset: string;
  /** `memory` is the appliance's, in MiB. */
  readonly files: (memory: number) => readonly BundleFile[];
  /** Folder of the other family's definitions of services, which would only lie about here. */
  readonly foreign: string;
}

function file(path: string, ...lines: readonly string[]): BundleFile {
  return { path, mode: "0644", content: toText([header("#"), ...lines]) };
}

/** What udhcpc runs after it has set the interface up. */
function udhcpcHook(when: string): BundleFile {
  const content = toText(["#!/bin/sh", header("#"), `exec ${setsProgram}`]);
  return { path: `/etc/udhcpc/post-${when}/proximity`, mode: "0755", content };
}

/** Brought back for ever when it dies, after the 3 s that systemd is told too. */
const supervised: readonly string[] = [
  'supervisor="supervise-daemon"',
  "respawn_delay=3",
  "respawn_max=0",
];

/** Part of a size in MiB, whole MiB. */
function share(memory: number, part: number): number {
  return Math.floor(memory * part);
}

/** Packages by the same name everywhere; curl, jq and ping are the probe's. */
const packages: readonly string[] = [
  "ca-certificates",
  "caddy",
  "curl",
  "dnsmasq",
  "iproute2",
  "iputils-ping",
  "jq",
  "nftables",
];

/**
 * Neither DHCP on the WAN side nor Proxmox at a start may point the resolver elsewhere (see
 * render/appliance.ts), and the WAN's router may be another one after any lease.
 *
 * Sources of Alpine's half are the packages themselves, in alpinelinux/aports: main/busybox (the script
 * of udhcpc), main/dnsmasq, main/nftables, community/caddy.
 */
export const applianceFamilies: Readonly<Record<Family, ApplianceFamily>> = {
  debian: {
    // dnsmasq-utils gives back the leases of apps that are gone.
    packages: [...packages, "dnsmasq-utils"].sort(),
    ruleset: "/etc/nftables.conf",
    files: (memory) => [
      file("/etc/dhcp/dhclient-enter-hooks.d/proximity", "make_resolv_conf() { :; }"),
      file("/etc/dhcp/dhclient-exit-hooks.d/proximity", setsProgram),
      file(
        "/etc/systemd/system/caddy.service.d/memory.conf",
        "# Requests of strangers do not take the memory of the whole gateway.",
        "[Service]",
        `MemoryMax=${share(memory, 0.6)}M`,
        `Environment=GOMEMLIMIT=${share(memory, 0.5)}MiB`,
      ),
    ],
    foreign: "/etc/init.d/",
  },
  alpine: {
    // OpenRC's scripts are packages of their own there, and not every release brings them along.
    packages: [...packages, "caddy-openrc", "dnsmasq-openrc"].sort(),
    ruleset: "/etc/nftables.nft",
    files: (memory) => [
      file("/etc/udhcpc/udhcpc.conf", 'RESOLV_CONF="no"'),
      udhcpcHook("bound"),
      udhcpcHook("renew"),
      file("/etc/conf.d/dnsmasq", ...supervised),
      file(
        "/etc/conf.d/caddy",
        'caddy_opts="--config /etc/caddy/Caddyfile --adapter caddyfile"',
        "# Requests of strangers do not take the memory of the whole gateway.",
        `export GOMEMLIMIT=${share(memory, 0.5)}MiB`,
        ...supervised,
      ),
    ],
    foreign: "/etc/systemd/",
  },
};
