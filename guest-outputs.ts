/** What the stack tells of guests that are no apps, and of interfaces on the LAN: declared facts beside what was observed. */
import type * as pulumi from "@pulumi/pulumi";

import type { Guest as GuestComponent } from "./components/guest";
import type { Guest } from "./model/guest";
import type { PublicHost } from "./model/public-interface";

type Told = Readonly<Record<string, pulumi.Input<unknown>>>;

/** Guests by their names. */
export function describeGuests(
  guests: readonly { readonly guest: Guest; readonly container: GuestComponent }[],
): Readonly<Record<string, Told>> {
  return Object.fromEntries(
    guests.map(({ guest, container }) => [guest.name, describeGuest(guest, container)]),
  );
}

function describeGuest(guest: Guest, container: GuestComponent): Told {
  const { address, openPorts } = container;
  return { vmid: guest.vmid, address, ...describePublic(guest, container), openPorts };
}

/** The interface on the LAN of a guest or an app; nothing without one. */
export function describePublic(
  { publicInterface: nic }: PublicHost,
  { publicAddress, publicMac }: Pick<GuestComponent, "publicAddress" | "publicMac">,
) {
  return nic === undefined
    ? {}
    : {
        publicAddress,
        publicMac,
        filteredBy: nic.type === "veth" ? "the node" : "the guest",
        reachableFromNode: nic.type === "veth" || nic.hostShim,
      };
}
