/**
 * Files with old rules of a node, as people and tools write them. 10.0.0.153 is the guest whose rules are
 * obsolete, 10.0.0.15 is another one. What `⟦` and `⟧` enclose must go; all else must stay, byte for byte.
 */

/** One file and what is expected of it. */
export interface NatCase {
  readonly name: string;
  /** Name of a file of the driver: `rules.v4`, `interfaces`, `nftables.conf`, or an included one. */
  readonly files: Readonly<Record<string, string>>;
  /** What is named as left, in this order of appearance. */
  readonly left?: readonly RegExp[];
  /** Rules in memory that go although the text that makes them is left. */
  readonly alsoGone?: readonly RegExp[];
  /** Entries other than the address. */
  readonly entries?: readonly string[];
}

/** A text with its marks taken out: as it is at first. */
export const before = (text: string): string => text.replace(/[⟦⟧]/g, "");

/** A text without what its marks enclose: as it must be afterwards. */
export const after = (text: string): string => text.replace(/⟦[^⟧]*⟧/g, "");
