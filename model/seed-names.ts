/** Keys as the Phoenix files spell them, accepted as they are written there. */
import { isRecord, mapAt, mapValues } from "./record";

const guestNames: Readonly<Record<string, string>> = { public_interface: "publicInterface" };
const publicNames: Readonly<Record<string, string>> = { mac_address: "macAddress" };
const networkNames: Readonly<Record<string, string>> = { public_bridge: "publicBridge" };

/** The site with those keys under their own names; where both are written, the old one stays and is refused. */
export function withOwnNames(site: unknown): unknown {
  return mapAt(site, {
    network: (network) => rename(network, networkNames),
    apps: renameGuests,
    guests: renameGuests,
  });
}

const renameGuests = (guests: unknown): unknown => mapValues(guests, renameGuest);

const renameGuest = (guest: unknown): unknown =>
  mapAt(rename(guest, guestNames), {
    publicInterface: (nic) => rename(nic, publicNames),
  });

function rename(value: unknown, names: Readonly<Record<string, string>>): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const own = names[key];
      return [own === undefined || own in value ? key : own, inner];
    }),
  );
}
