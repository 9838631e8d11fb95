/** The kernel's messages about links and addresses (rtnetlink), as far as a guest's interfaces need them. */
import { SocketAddress } from "node:net";

import type { GuestInterface } from "../backend/backend";

const NEW_LINK = 16;
const NEW_ADDRESS = 20;
/** Attributes: a link's hardware address and name; an address's far end (its own without one) and its own. */
const LINK = { address: 1, name: 3 } as const;
const ADDRESS = { address: 1, local: 2 } as const;
const INET6 = 10;

const aligned = (length: number): number => (length + 3) & ~3;

/** The entries of a run of records that begin with their length; `head` is the least that a record has. */
function* records(bytes: Buffer, head: number, lengthOf: (at: number) => number) {
  for (let at = 0; at + head <= bytes.length;) {
    const length = lengthOf(at);
    if (length < head || at + length > bytes.length) throw new Error("a broken netlink message");
    yield bytes.subarray(at, at + length);
    at += aligned(length);
  }
}

function attributes(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const parts = [...records(bytes, 4, (at) => bytes.readUInt16LE(at))];
  return new Map(parts.map((part) => [part.readUInt16LE(2) & 0x3fff, part.subarray(4)]));
}

const inet6 = (bytes: Buffer): string => {
  const groups = bytes.toString("hex").match(/.{4}/g) ?? [];
  return new SocketAddress({ address: groups.join(":"), family: "ipv6" }).address;
};

type Address = GuestInterface["addresses"][number];

/** The address in a message. */
function addressIn(message: Buffer): Address | undefined {
  const known = attributes(message.subarray(24));
  const own = known.get(ADDRESS.local) ?? known.get(ADDRESS.address);
  if (own === undefined) return undefined;
  const prefix = message.readUInt8(17);
  return message.readUInt8(16) === INET6
    ? { address: inet6(own), prefix, family: "inet6" }
    : { address: own.join("."), prefix, family: "inet" };
}

/** The link in a message, without its addresses. */
function linkIn(message: Buffer): GuestInterface {
  const known = attributes(message.subarray(32));
  const mac = known.get(LINK.address)?.toString("hex").match(/../g) ?? [];
  const name = (known.get(LINK.name)?.toString("utf8") ?? "").replace(/\0.*$/, "");
  return { name, mac: mac.join(":"), addresses: [] };
}

/**
 * The interfaces that the messages of a dump of links and one of addresses tell of, in the kernel's order.
 * Throws on bytes that are not messages.
 */
export function parseLinks(bytes: Buffer): readonly GuestInterface[] {
  const links = new Map<number, GuestInterface>();
  for (const message of records(bytes, 24, (at) => bytes.readUInt32LE(at))) {
    const kind = message.readUInt16LE(4);
    const index = message.readUInt32LE(20);
    if (kind === NEW_LINK) links.set(index, linkIn(message));
    const link = links.get(index);
    const address = kind === NEW_ADDRESS ? addressIn(message) : undefined;
    if (link === undefined || address === undefined) continue;
    links.set(index, { ...link, addresses: [...link.addresses, address] });
  }
  return [...links.values()];
}
