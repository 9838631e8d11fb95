/**
 * The raw `lxc.net.*` lines of a guest's configuration (lxc.container.conf(5);
 * docs/proxmox/containers-and-nics.md 3 and 4).
 */
import { publicNic, type PublicInterface } from "../model/public-interface";

/**
 * The lines of an interface that Proxmox itself cannot make, in the form in which Proxmox writes raw
 * lines back. The type comes first: what follows belongs to it.
 */
export function renderLxcNet({
  type,
  mode,
  bridge,
  ip,
  gw,
  macAddress,
}: PublicInterface): readonly string[] {
  const keys: readonly (readonly [string, string | undefined])[] = [
    ["type", type],
    ...(type === "ipvlan"
      ? // In its modes l3 and l3s a port answers no ARP, so the LAN would not find it (kernel: networking/ipvlan).
        ([["ipvlan.mode", "l2"]] as const)
      : ([["macvlan.mode", mode]] as const)),
    ["link", bridge],
    ["name", publicNic.name],
    // An ipvlan port has the MAC of its parent.
    ["hwaddr", type === "ipvlan" ? undefined : macAddress],
    ["flags", "up"],
    ["ipv4.address", `${ip.address}/${ip.prefix}`],
    ["ipv4.gateway", gw],
  ];
  return keys.flatMap(([key, value]) =>
    value === undefined ? [] : [`lxc.net.${publicNic.index}.${key}: ${word(value)}`],
  );
}

/** One value of a line: a blank or a newline would begin another one. */
function word(value: string): string {
  if (!/^[\w.:/-]+$/.test(value))
    throw new Error(`${JSON.stringify(value)} cannot stand in a raw lxc line`);
  return value;
}
