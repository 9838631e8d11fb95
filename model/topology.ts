/** The readonly data of a site's network: what is connected to what. */
import type { z } from "zod";

import type { Guest } from "./guest";
import type { Cidr } from "./net";
import type { topologySchema } from "./schema/site";

/** A topology as the schema leaves it, before names and gateways are derived. */
export type ParsedTopology = z.output<typeof topologySchema>;

/** The same data, readonly all the way down. */
export type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

/** One app with everything derived from its name filled in. */
export interface App extends Frozen<Omit<ParsedTopology["apps"][string], "mac">> {
  readonly name: string;
  readonly mac: string;
}

/** The private network; `cidr` parsed, `gateway` filled in. */
export interface Network extends Frozen<Omit<ParsedTopology["network"], "cidr" | "gateway">> {
  readonly cidr: Cidr;
  readonly gateway: string;
}

/** What is connected to what; apps are sorted by name, so their order in the file means nothing. */
export interface Topology {
  readonly network: Network;
  readonly appliance: Frozen<ParsedTopology["appliance"]>;
  readonly apps: readonly App[];
  /** Sorted by name likewise. */
  readonly guests: readonly Guest[];
  readonly obsoleteNat: readonly string[];
}
