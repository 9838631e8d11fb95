/** Everything that an interface on the LAN needs inside its guest, as whole files by absolute path. */
import type { InternalInterface } from "../model/guest";
import type { PublicInterface } from "../model/public-interface";
import type { BundleFile } from "./bundle";
import { renderGuestFilter } from "./guest-filter";
import { header, toText } from "./header";

const routes = "/usr/local/sbin/proximity-public-routes";
const filter = "/etc/proximity/public.nft";

/** True where no filter of the node reaches the interface. */
export function isFilteredInside({ type }: PublicInterface): boolean {
  return type !== "veth";
}

/** Its files, beside the inner interface. The scripts that they name come from scripts/guest. */
export function guestPublicFiles(
  nic: PublicInterface,
  internal: Pick<InternalInterface, "address" | "gateway">,
): readonly BundleFile[] {
  const contents: Readonly<Record<string, string>> = {
    "/etc/proximity/public": toText([
      header("#"),
      `public_address=${nic.ip.address}/${nic.ip.prefix}`,
      `public_gateway=${nic.gw ?? ""}`,
      `internal_gateway=${internal.gateway ?? ""}`,
    ]),
    // Each interface speaks for its own address: otherwise the inner one would answer for the public one.
    "/etc/sysctl.d/60-proximity-public.conf": toText([
      header("#"),
      "net.ipv4.conf.all.arp_ignore = 1",
      "net.ipv4.conf.all.arp_announce = 2",
    ]),
    "/etc/systemd/system/proximity-public.service": toText([
      header("#"),
      ...unit("Routes of the interface on the LAN", [
        "Wants=network-online.target",
        "After=network-online.target",
      ]),
      `ExecStart=${routes}`,
      ...install,
    ]),
    ...(internal.address === "dhcp" ? dhcpHooks(nic) : {}),
    ...(isFilteredInside(nic) ? filterFiles(nic) : {}),
  };
  return Object.entries(contents).map(([path, content]) => ({ path, mode: "0644", content }));
}

function filterFiles(nic: PublicInterface): Readonly<Record<string, string>> {
  return {
    [filter]: renderGuestFilter(nic),
    "/etc/systemd/system/proximity-filter.service": toText([
      header("#"),
      ...unit("Filter of the interface on the LAN", [
        "DefaultDependencies=no",
        "Wants=network-pre.target",
        "Before=network-pre.target shutdown.target",
        "Conflicts=shutdown.target",
      ]),
      `ExecStart=/usr/sbin/nft -f ${filter}`,
      "ExecStop=/usr/sbin/nft delete table inet proximity_public",
      ...install,
    ]),
  };
}

/** With a public router, the one that DHCP tells is for replies alone (dhclient-script(8)). */
function dhcpHooks(nic: PublicInterface): Readonly<Record<string, string>> {
  const keep = ["  printf '%s\\n' \"${new_routers%% *}\" >/run/proximity-internal-gateway"];
  return {
    "/etc/dhcp/dhclient-enter-hooks.d/proximity-public": toText([
      header("#"),
      'if [ "$interface" = eth0 ] && [ -n "$new_routers" ]; then',
      ...keep,
      ...(nic.gw === undefined ? [] : ["  unset new_routers"]),
      "fi",
    ]),
    "/etc/dhcp/dhclient-exit-hooks.d/proximity-public": toText([
      header("#"),
      'case "$interface $reason" in',
      `"eth0 BOUND" | "eth0 RENEW" | "eth0 REBIND" | "eth0 REBOOT") [ ! -x ${routes} ] || ${routes} ;;`,
      "esac",
    ]),
  };
}

function unit(description: string, lines: readonly string[]): readonly string[] {
  return [
    "[Unit]",
    `Description=${description}`,
    ...lines,
    "",
    "[Service]",
    "Type=oneshot",
    "RemainAfterExit=yes",
  ];
}

const install: readonly string[] = ["", "[Install]", "WantedBy=multi-user.target"];
