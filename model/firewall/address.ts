/** Addresses, networks and ranges of both families, as firewall rules and sets name them. */
import { isIPv4, isIPv6 } from "node:net";

/** The version of the Internet protocol. */
export type Family = 4 | 6;

/** Both, in the order in which rules are written. */
export const families: readonly Family[] = [4, 6];

/** Addresses in a row, as numbers. */
export interface Interval {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

/** A network as it was written, or one address with the longest prefix. */
export interface Network extends Interval {
  readonly prefix: number;
  /** True if the address has bits behind the prefix, as in 10.0.0.5/24. */
  readonly hasHostBits: boolean;
}

const bitsOf = (family: Family): number => (family === 4 ? 32 : 128);

/** An address without leading zeros, prefix or zone; undefined if the text is not one. */
export function parseIp(
  text: string,
): { readonly family: Family; readonly value: bigint } | undefined {
  if (isIPv4(text)) return { family: 4, value: joined(text.split(".").map(Number), 8) };
  if (!isIPv6(text) || text.includes("%")) return undefined;
  return { family: 6, value: joined(groupsOf(text), 16) };
}

function joined(parts: readonly number[], bits: number): bigint {
  return parts.reduce((sum, part) => (sum << BigInt(bits)) | BigInt(part), 0n);
}

/** The eight groups of an IPv6 address, whose last two may be written as IPv4. */
function groupsOf(text: string): readonly number[] {
  const plain = text.replace(/\d+\.\d+\.\d+\.\d+$/, (quad) => {
    const value = joined(quad.split(".").map(Number), 8);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
  const [head = [], tail = []] = plain
    .split("::")
    .map((half) => half.split(":").filter((group) => group !== ""));
  const zeros = Array<string>(8 - head.length - tail.length).fill("0");
  return [...head, ...zeros, ...tail].map((group) => parseInt(group, 16));
}

/** `ADDRESS` or `ADDRESS/PREFIX`; undefined if the text is neither. */
export function parseNetwork(text: string): Network | undefined {
  const [address = "", length, ...rest] = text.split("/");
  const ip = parseIp(address);
  if (ip === undefined || rest.length > 0) return undefined;
  const bits = bitsOf(ip.family);
  const prefix = length === undefined ? bits : Number(length);
  if (length !== undefined && (!/^(0|[1-9]\d{0,2})$/.test(length) || prefix > bits))
    return undefined;
  const behind = (1n << BigInt(bits - prefix)) - 1n;
  const first = ip.value & ~behind;
  return {
    family: ip.family,
    first,
    last: first | behind,
    prefix,
    hasHostBits: first !== ip.value,
  };
}

/** `FIRST-LAST`, also backwards; undefined if the text is not two addresses of one family. */
export function parseRange(text: string): Interval | undefined {
  const [from, to, ...rest] = text.split("-").map(parseIp);
  return from === undefined || from.family !== to?.family || rest.length > 0
    ? undefined
    : { family: from.family, first: from.value, last: to.value };
}

/** The address in its usual short form (RFC 5952). */
export function formatIp(family: Family, value: bigint): string {
  const [size, count, radix] = family === 4 ? [8n, 4, 10] : [16n, 8, 16];
  const parts = Array.from({ length: count }, (_, at) =>
    ((value >> (BigInt(count - 1 - at) * size)) & ((1n << size) - 1n)).toString(radix),
  );
  if (family === 4) return parts.join(".");
  const runs = [...parts.join(":").matchAll(/(?<![^:])0(?::0)+(?![^:])/g)];
  const [longest] = runs.sort((one, other) => other[0].length - one[0].length);
  if (longest === undefined) return parts.join(":");
  const { index, input } = longest;
  const [before, after] = [input.slice(0, index), input.slice(index + longest[0].length)];
  return `${before.replace(/:$/, "")}::${after.replace(/^:/, "")}`;
}

/** An address, a network if it is one, or a range. */
export function formatInterval({ family, first, last }: Interval): string {
  const size = last - first + 1n;
  if (size === 1n) return formatIp(family, first);
  const isNetwork = (size & (size - 1n)) === 0n && first % size === 0n;
  const prefix = bitsOf(family) - (size.toString(2).length - 1);
  return isNetwork
    ? `${formatIp(family, first)}/${prefix}`
    : `${formatIp(family, first)}-${formatIp(family, last)}`;
}

/** The same addresses in order, without overlaps and without neighbors that could be one. */
export function merged(intervals: readonly Interval[]): readonly Interval[] {
  const inOrder = [...intervals].sort((a, b) =>
    a.family !== b.family ? a.family - b.family : a.first < b.first ? -1 : 1,
  );
  const done: Interval[] = [];
  for (const next of inOrder) {
    const before = done.at(-1);
    if (before?.family !== next.family || next.first > before.last + 1n) done.push(next);
    else if (next.last > before.last) done.splice(-1, 1, { ...before, last: next.last });
  }
  return done;
}

/** The addresses of `whole` that are not in `hole`. */
function without(whole: Interval, hole: Interval): readonly Interval[] {
  if (whole.family !== hole.family || hole.last < whole.first || hole.first > whole.last)
    return [whole];
  return [
    { ...whole, last: hole.first - 1n },
    { ...whole, first: hole.last + 1n },
  ].filter(({ first, last }) => first <= last);
}

/**
 * What is in a set with exceptions. As in the kernel's own sets, the longest prefix that holds an address
 * decides (ipset(8), "nomatch").
 */
export function membersOf(
  entries: readonly { readonly network: Network; readonly isException: boolean }[],
): readonly Interval[] {
  const members = [...entries]
    .sort((a, b) => a.network.prefix - b.network.prefix)
    .reduce<readonly Interval[]>(
      (inside, { network, isException }) =>
        isException ? inside.flatMap((part) => without(part, network)) : [...inside, network],
      [],
    );
  return merged(members);
}

/** True when addresses, networks and ranges together hold every address of the network `target`. */
export function coversAll(parts: readonly string[], target: string): boolean {
  const whole = parseNetwork(target);
  const known = parts.flatMap((part) => parseNetwork(part) ?? parseRange(part) ?? []);
  return (
    whole !== undefined &&
    merged(known).some(
      ({ family, first, last }) =>
        family === whole.family && first <= whole.first && last >= whole.last,
    )
  );
}
