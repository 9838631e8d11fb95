/** Guests with everything filled in that depends on stack and name: plain readonly data. */
import type { z } from "zod";

import { deriveMac, parseCidr } from "./net";
import { toPublic, type PublicHost, type PublicPlace } from "./public-interface";
import type { guest } from "./schema/guest";
import type { Frozen, Topology } from "./topology";

type ParsedGuest = z.output<typeof guest>;

/** The interface on the inner side. */
export interface InternalInterface {
  readonly bridge: string;
  /** `dhcp` or an address with its prefix. */
  readonly address: string;
  readonly gateway?: string;
  readonly mac: string;
}

/** A container that is no app of the proxy. */
export interface Guest
  extends PublicHost, Frozen<Omit<ParsedGuest, "internal" | "publicInterface">> {
  readonly internal: InternalInterface;
}

/** What a guest takes from its site. */
export interface GuestPlace extends PublicPlace {
  readonly bridge: string;
}

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
    ...toPublic(name, nic, place),
  };
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
