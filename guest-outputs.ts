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

/** A guest that looked and found none says nothing. */
function ifSeen(told: pulumi.Output<string | undefined>): pulumi.Output<string | undefined> {
  return told.apply((text) => (text === "" ? undefined : text));
}

/** The interface on the LAN of a guest or an app; nothing without one. */
export function describePublic(
  { publicInterface: nic }: PublicHost,
  { publicAddress, publicMac }: Pick<GuestComponent, "publicAddress" | "publicMac">,
) {
  return nic === undefined
    ? {}
    : {
        publicAddress: ifSeen(publicAddress),
        publicMac: ifSeen(publicMac),
        filteredBy: nic.type === "veth" ? "the node" : "the guest",
        reachableFromNode: nic.type === "veth" || nic.hostShim,
      };
}
