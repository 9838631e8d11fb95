/** One site as plain, checked, readonly data: what every renderer and component works from. */
import type { z } from "zod";

import { toGuest } from "./guest";
import { deriveMac, parseCidr } from "./net";
import type { Problem } from "./problem";
import { toPublic } from "./public-interface";
import { withOwnNames } from "./seed-names";
import { withSources, type ReadSource } from "./sources";
import { siteRules } from "./rules/site";
import { explain, keysAt, unknownKey } from "./schema/messages";
import { siteSchema, topologySchema } from "./schema/site";
import type { Frozen, ParsedTopology, Topology } from "./topology";

type ParsedSiteData = z.output<typeof siteSchema>;
type Ssh = Frozen<NonNullable<ParsedSiteData["node"]["ssh"]>>;

/** A site apart from the node it lives on. */
export interface UnplacedSite
  extends Topology, Frozen<Omit<ParsedSiteData, keyof ParsedTopology | "node">> {}

/** A site as declared, with the nodes it may live on, each with its SSH. */
export interface DeclaredSite extends UnplacedSite {
  readonly node: Frozen<Omit<ParsedSiteData["node"], "ssh">>;
}

/** A whole site on its node. */
export interface Site extends UnplacedSite {
  readonly node: { readonly name: string; readonly ssh: Ssh };
}

/** The site on one of its nodes; undefined when nobody said how that one's SSH is reached. */
export function siteOn(declared: DeclaredSite, name: string): Site | undefined {
  const ssh = declared.node.candidates[name];
  return ssh === undefined ? undefined : { ...declared, node: { name, ssh } };
}

/** Either a site or everything that is wrong with it. */
export type SiteResult =
  | { readonly ok: true; readonly site: DeclaredSite }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Checks a site as a person wrote it; `stack` seeds the derived MACs, `read` gives the texts that stand in
 * files of their own. Where the shape is wrong the rules still look at the rest, so that one run names
 * every problem.
 */
export function parseSite(value: unknown, stack: string, read: ReadSource): SiteResult {
  const { site: written, problems: sources } = withSources(withOwnNames(value), read);
  const parsed = siteSchema.safeParse(written, { error: explain });
  if (!parsed.success) {
    const rest = salvage(written, parsed.error.issues, stack);
    const found = rest === undefined ? [] : checkRules(rest);
    return {
      ok: false,
      problems: [...sources, ...parsed.error.issues.flatMap(toProblems), ...found],
    };
  }
  const site = { ...parsed.data, ...toTopology(parsed.data, stack), node: toNode(parsed.data) };
  const problems = [...sources, ...checkRules(site)];
  return problems.length === 0 ? { ok: true, site } : { ok: false, problems };
}

function toNode({ node: { ssh, ...node } }: ParsedSiteData): DeclaredSite["node"] {
  return ssh === undefined
    ? node
    : { ...node, candidates: { ...node.candidates, [node.name]: ssh } };
}

function checkRules(topology: Topology): readonly Problem[] {
  return siteRules.flatMap((rule) => rule(topology));
}

/** The topology with names and gateways derived; `stack` seeds the derived MACs. */
export function toTopology(parsed: ParsedTopology, stack: string): Topology {
  const { network, appliance, apps, forwards, guests, obsoleteNat } = parsed;
  const { wan } = appliance;
  const cidr = parseCidr(network.cidr);
  if (cidr === undefined) throw new Error(`the schema let the network ${network.cidr} through`);
  return {
    network: { ...network, cidr, gateway: network.gateway ?? cidr.first },
    appliance: {
      ...appliance,
      // No app can have such a name, or the two would have the same MAC.
      wan: { ...wan, mac: wan.mac?.toUpperCase() ?? deriveMac(`${stack}/ wan`) },
      lanMac: deriveMac(`${stack}/ lan`),
    },
    apps: byName(apps).map(([name, { publicInterface: nic, ...app }]) => ({
      ...app,
      name,
      mac: app.mac?.toUpperCase() ?? deriveMac(`${stack}/${name}`),
      publicDeclared: nic !== undefined,
      ...toPublic(name, nic, { stack, publicBridge: network.publicBridge }),
    })),
    forwards: byName(forwards).map(([name, { port, ...forward }]) => {
      const [first = 0, last = first] = String(port).split("-").map(Number);
      return { ...forward, name, first, last };
    }),
    guests: byName(guests).map(([name, guest]) =>
      toGuest(name, guest, { stack, bridge: network.bridge, publicBridge: network.publicBridge }),
    ),
    obsoleteNat,
  };
}

function byName<T>(map: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
}

type Issue = z.core.$ZodIssue;

/** Maps whose entries are judged one by one. */
const salvaged: readonly string[] = ["apps", "forwards", "guests"];

/** The topology without what the issues name; an app or forward that cannot do without goes whole. */
function salvage(value: unknown, issues: readonly Issue[], stack: string): Topology | undefined {
  const rest = structuredClone(value);
  for (const issue of issues) prune(rest, issue);
  const whole = withoutHoles(rest);
  const { network, appliance, apps, forwards, guests, obsoleteNat } = isRecord(whole) ? whole : {};
  const topology = { network, appliance, apps, forwards, guests, obsoleteNat };
  const first = topologySchema.safeParse(topology);
  if (first.success) return toTopology(first.data, stack);
  for (const { path } of first.error.issues)
    if (salvaged.includes(String(path[0])) && path[1] !== undefined)
      removeAt(topology, path.slice(0, 2));
  const second = topologySchema.safeParse(topology);
  return second.success ? toTopology(second.data, stack) : undefined;
}

function prune(root: unknown, issue: Issue): void {
  if (issue.code === "unrecognized_keys")
    for (const key of issue.keys) removeAt(root, [...issue.path, key]);
  else removeAt(root, issue.path);
}

function removeAt(root: unknown, path: readonly PropertyKey[]): void {
  const step = (at: unknown, key: PropertyKey) => (isRecord(at) ? at[String(key)] : undefined);
  const holder = path.slice(0, -1).reduce<unknown>(step, root);
  const last = path.at(-1);
  if (isRecord(holder) && last !== undefined) Reflect.deleteProperty(holder, last);
}

/** The same without the elements that were removed from lists, which kept their places until now. */
function withoutHoles(value: unknown): unknown {
  if (Array.isArray(value)) return Object.values(value).map(withoutHoles);
  return isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, withoutHoles(entry)]))
    : value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function toProblems(issue: Issue): readonly Problem[] {
  const path = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(siteSchema, issue.path);
    return issue.keys.map((key) => ({
      path: path === "" ? key : `${path}.${key}`,
      message: unknownKey(key, known),
    }));
  }
  return [{ path: path === "" ? "site" : path, message: issue.message }];
}
