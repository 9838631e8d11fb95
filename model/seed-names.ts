/** Keys as the Phoenix files spell them, accepted as they are written there. */

const guestNames: Readonly<Record<string, string>> = { public_interface: "publicInterface" };
const publicNames: Readonly<Record<string, string>> = { mac_address: "macAddress" };
const networkNames: Readonly<Record<string, string>> = { public_bridge: "publicBridge" };

/** The site with those keys under their own names; where both are written, the old one stays and is refused. */
export function withOwnNames(site: unknown): unknown {
  if (!isRecord(site)) return site;
  return mapValues(site, {
    network: (network) => rename(network, networkNames),
    apps: renameGuests,
    guests: renameGuests,
  });
}

const renameGuests = (guests: unknown): unknown =>
  isRecord(guests)
    ? Object.fromEntries(Object.entries(guests).map(([name, guest]) => [name, renameGuest(guest)]))
    : guests;

const renameGuest = (guest: unknown): unknown =>
  mapValues(rename(guest, guestNames), {
    publicInterface: (nic) => rename(nic, publicNames),
  });

type Change = (value: unknown) => unknown;

/** A record with some of its values changed; anything else as it is. */
function mapValues(value: unknown, changes: Readonly<Record<string, Change>>): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, (changes[key] ?? same)(inner)]),
  );
}

const same: Change = (value) => value;

function rename(value: unknown, names: Readonly<Record<string, string>>): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const own = names[key];
      return [own === undefined || own in value ? key : own, inner];
    }),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
