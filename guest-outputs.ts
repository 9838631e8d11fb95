/** What the stack tells of guests that are no apps: declared facts beside what was observed. */
import type * as pulumi from "@pulumi/pulumi";

import type { Guest as GuestComponent } from "./components/guest";
import type { Guest } from "./model/guest";

type Told = Readonly<Record<string, pulumi.Input<unknown>>>;

/** Guests by their names. */
export function describeGuests(
  guests: readonly { readonly guest: Guest; readonly container: GuestComponent }[],
): Readonly<Record<string, Told>> {
  return Object.fromEntries(
    guests.map(({ guest, container }) => [guest.name, describeGuest(guest, container)]),
  );
}

function describeGuest({ vmid, publicInterface: nic }: Guest, container: GuestComponent): Told {
  const { address, publicAddress, publicMac, openPorts } = container;
  return {
    vmid,
    address,
    ...(nic === undefined
      ? {}
      : {
          publicAddress,
          publicMac,
          filteredBy: nic.type === "veth" ? "the node" : "the guest",
          reachableFromNode: nic.type === "veth" || nic.hostShim,
        }),
    openPorts,
  };
}
