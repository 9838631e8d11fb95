/** The interface with an address of its own on the LAN, which an app or any other guest may have. */
import type { z } from "zod";

import { deriveMac, parseCidr, type Cidr } from "./net";
import type { publicInterface } from "./schema/public-interface";
import type { Frozen, Topology } from "./topology";

type Parsed = z.output<typeof publicInterface>;

/** The packet filter of a public interface. */
export type Firewall = Frozen<Parsed["firewall"]>;
/** One rule of it. */
export type FirewallRule = Firewall["rules"][number];

/** An interface on the LAN; `ip` parsed, the MAC filled in. */
export interface PublicInterface extends Frozen<Omit<Parsed, "ip" | "macAddress">> {
  readonly ip: Cidr;
  readonly macAddress: string;
  readonly bridge: string;
}

/** Whoever may have one. */
export interface PublicHost {
  readonly name: string;
  readonly vmid: number;
  /** Present only when it is enabled. */
  readonly publicInterface?: PublicInterface;
}

/** What such an interface takes from its site. */
export interface PublicPlace {
  readonly stack: string;
  readonly publicBridge: string;
}

/** The name of the interface in its guest, and its index in the guest's configuration. */
export const publicNic = { name: "eth1", index: 1 } as const;

/** The interface, filled in, as a part of its host; nothing while it is switched off. */
export function toPublic(
  name: string,
  nic: Parsed | undefined,
  { stack, publicBridge }: PublicPlace,
): Pick<PublicHost, "publicInterface"> {
  if (nic?.enabled !== true) return {};
  const ip = parseCidr(nic.ip);
  if (ip === undefined) throw new Error(`the schema let the address ${nic.ip} through`);
  const macAddress = nic.macAddress?.toUpperCase() ?? deriveMac(`${stack}/${name}/public`);
  return { publicInterface: { ...nic, ip, macAddress, bridge: publicBridge } };
}

/** Every app and guest of a site that has one, with its path in the declaration. */
export function publicHosts({ apps, guests }: Pick<Topology, "apps" | "guests">) {
  const of = (kind: string) => (host: PublicHost) =>
    host.publicInterface === undefined
      ? []
      : [
          {
            path: `${kind}.${host.name}.publicInterface`,
            host,
            nic: host.publicInterface,
          },
        ];
  return [...apps.flatMap(of("apps")), ...guests.flatMap(of("guests"))];
}
