/** Addresses as .fw files write them. */
import { isIP } from "node:net";

/** IPv4 or IPv6. */
export type Family = 4 | 6;

/** Both families, in the order of their numbers. */
export const FAMILIES: readonly Family[] = [4, 6];

/** Names of aliases, sets and groups. */
export const NAME = "[A-Za-z][A-Za-z0-9_-]+";

/** Longest names of aliases and sets, and of groups, in characters. */
export const MAX_NAME = 64;
export const MAX_GROUP_NAME = 18;

/** An address, or a network with its prefix. */
export interface Cidr {
  readonly family: Family;
  readonly address: string;
  /** 32 or 128 for one address. */
  readonly prefix: number;
}

/** The family of one address; undefined when it is none. */
export function familyOf(address: string): Family | undefined {
  const version = isIP(address);
  return version === 4 || version === 6 ? version : undefined;
}

/** Reads an address or CIDR; undefined when it is neither. A zone index (%eth0) is none of an address. */
export function parseCidr(text: string): Cidr | undefined {
  const [, address = "", length] = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = familyOf(address);
  if (family === undefined) return undefined;
  const longest = family === 4 ? 32 : 128;
  const prefix = length === undefined ? longest : Number(length);
  return prefix <= longest ? { family, address, prefix } : undefined;
}

/** The number of an address that is one. */
export function numberOf(address: string): bigint {
  if (familyOf(address) === 4) return numberIn(address.split("."), 10, 8n);
  const [, head = "", quad] = /^(.*?)(\d+\.\d+\.\d+\.\d+)?$/.exec(address) ?? [];
  const low = quad === undefined ? undefined : numberOf(quad);
  const text =
    low === undefined
      ? head
      : `${head}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
  const [before = [], after = []] = text
    .split("::")
    .map((half) => half.split(":").filter((group) => group !== ""));
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  return numberIn([...before, ...zeros, ...after], 16, 16n);
}

const numberIn = (parts: readonly string[], radix: number, bits: bigint): bigint =>
  parts.reduce((sum, part) => (sum << bits) | BigInt(parseInt(part, radix)), 0n);

/** True if the address has bits behind its prefix, as in 10.0.0.5/24. */
export function hasHostBits({ family, address, prefix }: Cidr): boolean {
  const behind = (1n << BigInt((family === 4 ? 32 : 128) - prefix)) - 1n;
  return (numberOf(address) & behind) !== 0n;
}

/** The text of a CIDR as iptables and ipset read it. */
export const printCidr = ({ address, prefix }: Cidr): string => `${address}/${prefix}`;
