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

/** The text of a CIDR as iptables and ipset read it. */
export const printCidr = ({ address, prefix }: Cidr): string => `${address}/${prefix}`;
