/** The readonly data of a site's network: what is connected to what. */
import type { z } from "zod";

import type { Guest } from "./guest";
import type { Cidr } from "./net";
import type { PublicHost } from "./public-interface";
import type { topologySchema } from "./schema/site";

/** A topology as the schema leaves it, before names and gateways are derived. */
export type ParsedTopology = z.output<typeof topologySchema>;

/** The same data, readonly all the way down. */
export type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

/** One app with everything derived from its name filled in. */
export interface App
  extends PublicHost, Frozen<Omit<ParsedTopology["apps"][string], "mac" | "publicInterface">> {
  readonly mac: string;
  /** Whether an interface on the LAN is written down for it, be it switched off. */
  readonly publicDeclared: boolean;
}

/** The private network; `cidr` parsed, `gateway` filled in. */
export interface Network extends Frozen<Omit<ParsedTopology["network"], "cidr" | "gateway">> {
  readonly cidr: Cidr;
  readonly gateway: string;
}

/** The gateway, with the MACs of both sides filled in. */
export interface Appliance extends Frozen<Omit<ParsedTopology["appliance"], "wan">> {
  readonly wan: Frozen<ParsedTopology["appliance"]["wan"]> & { readonly mac: string };
  readonly lanMac: string;
}

/** A port, or a range of them, that leads from the WAN side to an app. */
export interface Forward extends Frozen<Omit<ParsedTopology["forwards"][string], "port">> {
  readonly name: string;
  readonly first: number;
  readonly last: number;
}

/** What is connected to what; apps and forwards are sorted by name, so their order in the file means nothing. */
export interface Topology {
  readonly network: Network;
  readonly appliance: Appliance;
  readonly apps: readonly App[];
  /** Sorted by name likewise. */
  readonly guests: readonly Guest[];
  readonly obsoleteNat: readonly string[];
  readonly forwards: readonly Forward[];
}
