/** Addresses, networks, MACs and names: the small facts every other file builds on. */
import { createHash } from "node:crypto";
import { Netmask } from "netmask";

const octet = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ipv4Pattern = new RegExp(`^${octet}(\\.${octet}){3}$`);

/** An IPv4 network with the address it was written with, `10.20.0.1/24`. */
export interface Cidr {
  /** The address as written, host bits kept. */
  readonly address: string;
  /** The network's own address. */
  readonly network: string;
  readonly prefix: number;
  /** Dotted netmask, as dnsmasq's dhcp-range wants it. */
  readonly mask: string;
  readonly broadcast: string;
  /** First and last address that a host may have. */
  readonly first: string;
  readonly last: string;
}

/** True for a dotted quad without leading zeros, which inet_aton would read as octal. */
export function isIpv4(text: string): boolean {
  return ipv4Pattern.test(text);
}

/** Parses `a.b.c.d/n`; undefined when it is not one. */
export function parseCidr(text: string): Cidr | undefined {
  const [address, prefix, ...rest] = text.split("/");
  if (address === undefined || prefix === undefined || rest.length > 0) return undefined;
  if (!isIpv4(address) || !/^(3[0-2]|[12]?\d)$/.test(prefix)) return undefined;
  const block = new Netmask(`${address}/${prefix}`);
  return {
    address,
    network: block.base,
    prefix: Number(prefix),
    mask: block.mask,
    broadcast: block.broadcast ?? block.base,
    first: block.first,
    last: block.last,
  };
}

/** The network in canonical form, `10.20.0.0/24`. */
export function networkOf(cidr: Cidr): string {
  return `${cidr.network}/${cidr.prefix}`;
}

/** The address as a number, for comparing and counting. */
export function toNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** The address that `toNumber` makes this number of. */
export function toAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}

/** True when the address lies in the network, its own and broadcast address included. */
export function contains(cidr: Cidr, address: string): boolean {
  return (
    toNumber(address) >= toNumber(cidr.network) && toNumber(address) <= toNumber(cidr.broadcast)
  );
}

/** True when a host of the network may have this address. */
export function isHostAddress(cidr: Cidr, address: string): boolean {
  return toNumber(address) >= toNumber(cidr.first) && toNumber(address) <= toNumber(cidr.last);
}

/** True when two networks share an address. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return contains(a, b.network) || contains(b, a.network);
}

/**
 * True for six hex pairs with the group bit clear: Proxmox accepts unicast MACs only
 * (docs/proxmox/containers-and-nics.md 1).
 */
export function isUnicastMac(text: string): boolean {
  return /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/i.test(text);
}

/**
 * A locally administered MAC that depends on the seed alone, so that a guest keeps its lease when it
 * is made again. 40 bits of a digest: 151 guests collide with a chance of about one in 10^8.
 */
export function deriveMac(seed: string): string {
  const digest = createHash("sha256").update(seed).digest("hex").toUpperCase();
  const pairs = digest.slice(0, 10).match(/../g) ?? [];
  return ["02", ...pairs].join(":");
}

/** True for a DNS label in lower case, which is also what Proxmox takes as a hostname. */
export function isLabel(text: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
}

/** The nearest legal label: lower case, runs of anything else to one hyphen, ends trimmed. */
export function toLabel(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 63)
    .replace(/^-+|-+$/g, "");
}

/** What the kernel (IFNAMSIZ 16) and the `bridge=` key of a guest take as an interface name. */
export function isInterfaceName(text: string): boolean {
  return /^[A-Za-z0-9_][-_.A-Za-z0-9]{0,14}$/.test(text);
}

/** What the network API and the provider take: no hyphen, ten characters (docs/proxmox/provider-calls.md 2.1). */
export function isApiBridgeName(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_]{1,9}$/.test(text);
}
