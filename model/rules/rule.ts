import type { Problem } from "../problem";
import type { Topology } from "../topology";

/** A predicate over the whole site; an empty list means it holds. */
export type SiteRule = (site: Topology) => readonly Problem[];
