/** The address pool of the private network, and who gets what of it (docs/adr/0010-addresses-are-kept.md). */
import { toAddress, toNumber } from "./net";
import type { Topology } from "./topology";

/** Sizes are numbers of addresses. */
export interface Pool {
  readonly size: number;
  /** How many the apps need: those without a declared address, and those with one in the pool. */
  readonly needed: number;
  /** First address for guests that are not declared, who get the rest of the pool; undefined when they get none. */
  readonly others?: string;
}

/** The share of guests that are not declared, at the end of the pool, as long as the apps leave it over. */
const SHARE_OF_OTHERS = 1 / 4;

/** The pool of a site. */
export function poolOf({ network, apps }: Pick<Topology, "network" | "apps">): Pool {
  const [start, end] = [toNumber(network.dhcp.start), toNumber(network.dhcp.end)];
  const size = end - start + 1;
  const inPool = (address: string) => toNumber(address) >= start && toNumber(address) <= end;
  const needed = apps.filter(
    (app) => app.network === "platinum" && (app.address === undefined || inPool(app.address)),
  ).length;
  const share = Math.ceil(size * SHARE_OF_OTHERS);
  return { size, needed, ...(needed + share > size ? {} : { others: toAddress(end - share + 1) }) };
}
