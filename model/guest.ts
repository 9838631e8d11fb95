/** Guests with everything filled in that depends on stack and name: plain readonly data. */
import type { z } from "zod";

import { deriveMac, parseCidr, type Cidr } from "./net";
import type { guest } from "./schema/guest";
import type { publicInterface } from "./schema/public-interface";
import type { Frozen, Topology } from "./topology";

type ParsedGuest = z.output<typeof guest>;
type ParsedPublicInterface = z.output<typeof publicInterface>;

/** The packet filter of a public interface. */
export type Firewall = Frozen<ParsedPublicInterface["firewall"]>;
/** One rule of it. */
export type FirewallRule = Firewall["rules"][number];

/** An interface on the LAN; `ip` parsed, the MAC filled in. */
export interface PublicInterface extends Frozen<Omit<ParsedPublicInterface, "ip" | "macAddress">> {
  readonly ip: Cidr;
  readonly macAddress: string;
  readonly bridge: string;
}

/** The interface on the inner side. */
export interface InternalInterface {
  readonly bridge: string;
  /** `dhcp` or an address with its prefix. */
  readonly address: string;
  readonly gateway?: string;
  readonly mac: string;
}

/** A container that is no app of the proxy. */
export interface Guest extends Frozen<Omit<ParsedGuest, "internal" | "publicInterface">> {
  readonly name: string;
  readonly internal: InternalInterface;
  /** Present only when it is enabled. */
  readonly publicInterface?: PublicInterface;
}

/** What a guest takes from its site. */
export interface GuestPlace {
  readonly stack: string;
  readonly bridge: string;
  readonly publicBridge: string;
}

/** The name of the guest's interface on the LAN, and its index in the guest's configuration. */
export const publicNic = { name: "eth1", index: 1 } as const;

/** One guest, filled in. */
export function toGuest(name: string, parsed: ParsedGuest, place: GuestPlace): Guest {
  const { internal, publicInterface: nic, ...rest } = parsed;
  const { mac, bridge, gateway, address } = internal;
  return {
    ...rest,
    name,
    internal: {
      bridge: bridge ?? place.bridge,
      address,
      ...(gateway === undefined ? {} : { gateway }),
      mac: mac?.toUpperCase() ?? deriveMac(`${place.stack}/${name}`),
    },
    ...(nic?.enabled === true ? { publicInterface: toPublic(name, nic, place) } : {}),
  };
}

function toPublic(name: string, nic: ParsedPublicInterface, place: GuestPlace): PublicInterface {
  const ip = parseCidr(nic.ip);
  if (ip === undefined) throw new Error(`the schema let the address ${nic.ip} through`);
  const macAddress = nic.macAddress?.toUpperCase() ?? deriveMac(`${place.stack}/${name}/public`);
  return { ...nic, ip, macAddress, bridge: place.publicBridge };
}

/** The address of the inner side, without its prefix; undefined with DHCP. */
export function innerAddress({ internal }: Guest): string | undefined {
  return internal.address === "dhcp" ? undefined : parseCidr(internal.address)?.address;
}

/** True when a guest is on the private network, which is then wanted whatever the apps want. */
export function hasGuestBehind({ guests, network }: Topology): boolean {
  return guests.some(({ internal }) => internal.bridge === network.bridge);
}

/** What is obsolete on the node, in the words of scripts/node/obsolete-nat.sh: addresses and rules. */
export function obsoleteEntries({ obsoleteNat, guests }: Topology): readonly string[] {
  return obsoleteNat.map((entry) => {
    const guest = guests.find(({ name }) => name === entry);
    return guest === undefined ? entry : (innerAddress(guest) ?? entry);
  });
}
