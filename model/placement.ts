/** Where each app goes: decided from the declaration and the cluster's guests, never from the state. */
import { hasGuestBehind } from "./guest";
import type { ObservedGuest } from "./preflight";
import type { Problem } from "./problem";
import type { UnplacedSite } from "./site";
import type { App } from "./topology";

/**
 * Where an app is, which is also the tag by which the next run knows it: on the private network, on the
 * LAN as declared, or on the LAN because the appliance failed.
 */
export type Place = "platinum" | "direct" | "fallback";

/** One app and its place. */
export interface Placement {
  readonly app: App;
  /** Where its container is now; undefined while there is none. */
  readonly now: Place | undefined;
  readonly place: Place;
  /** Where it goes instead, if the appliance turns out not to work in this very run. */
  readonly orElse?: Place;
}

/** What is declared in this run. */
export interface Plan {
  /** Whether there are a bridge and an appliance. */
  readonly hasGateway: boolean;
  readonly apps: readonly Placement[];
  /** Why there is no appliance although apps want one. */
  readonly reason?: string;
  /** Which attempt at the appliance's set-up this is; only where a failure of it is told and gone on from. */
  readonly attempt?: number;
  /** What a person must know before saying yes. */
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

/** What the plan depends on beside the site. */
export interface PlanInput {
  /** This stack's guests. */
  readonly own: readonly ObservedGuest[];
  /** Why no appliance can be built in this run; undefined: it is to be built or kept. */
  readonly failure?: string | undefined;
}

/**
 * What ends the run, and what only ends the private network of it: in a site that falls back, whatever
 * is wrong with an appliance that no placed app depends on. `reason` is what an earlier run met.
 */
export function settle(
  site: UnplacedSite,
  problems: readonly Problem[],
  { own, reason }: { readonly own: readonly ObservedGuest[]; readonly reason?: string | undefined },
): { readonly problems: readonly Problem[]; readonly failure?: string } {
  const ofAppliance = problems.filter(({ path }) => path.startsWith("appliance."));
  const told = ofAppliance.map(({ path, message }) => `${path}: ${message}`).join(" ");
  const failure = reason ?? (told === "" ? undefined : told);
  if (site.onApplianceFailure === "fail" || failure === undefined) return { problems };
  const rest = problems.filter((problem) => !ofAppliance.includes(problem));
  const held = site.apps.filter(
    (app) => app.network === "platinum" && placeIn(own, app) === "platinum",
  );
  if (held.length === 0) return { problems: rest, failure };
  const names = held.map(({ name }) => name).join(", ");
  const message = `the appliance cannot be built (${failure}), and these apps are on the private network already: ${names}. What is placed is not moved by itself. Repair it, or declare them network: direct.`;
  return { problems: [...rest, { path: "onApplianceFailure", message }] };
}

/** Declared apps decide whether there is a private network; leases and running guests do not. */
export function planSite(site: UnplacedSite, { own, failure }: PlanInput): Plan {
  const { onApplianceFailure } = site;
  const apps = site.apps.map((app) => placeOf(site, app, own, failure));
  const wanted = wantsGateway(site);
  const hasGateway = wanted && failure === undefined;
  return {
    hasGateway,
    apps,
    ...(wanted && failure !== undefined ? { reason: failure } : {}),
    ...(onApplianceFailure === "fallback" ? { attempt: attemptIn(site, own) } : {}),
    warnings: [
      ...(wanted ? [] : goingGateway(site, own)),
      ...(wanted && failure !== undefined ? [fallenBack(site, apps, failure)] : []),
      ...(failure === undefined ? stayingBack(site, apps) : []),
    ],
    notes: apps.flatMap((placement) => moving(site, placement)),
  };
}

/** Whether anything declared is on the private network, or asks for it to stay. */
export function wantsGateway(site: UnplacedSite): boolean {
  return (
    site.network.keepWhenEmpty ||
    hasGuestBehind(site) ||
    site.apps.some((app) => app.network === "platinum")
  );
}

/** The place that a guest's tags tell; undefined for one that is not there. */
export function placeIn(own: readonly ObservedGuest[], { vmid }: { vmid: number }) {
  const tags = own.find((guest) => guest.vmid === vmid)?.tags;
  if (tags === undefined) return undefined;
  return (["direct", "fallback"] as const).find((place) => tags.includes(place)) ?? "platinum";
}

/** The tags of a guest that this program does not set; they stay. */
export function foreignTags({ tags }: ObservedGuest, tag: string): readonly string[] {
  const ours = new Set<string>([tag, "platinum", "direct", "fallback"]);
  return tags.filter((one) => one !== "" && !ours.has(one) && !attemptTag.test(one));
}

/** Those first whose container is still to be made: the engine takes one after the other, and makes it meanwhile. */
export function missingFirst(apps: readonly Placement[]): readonly Placement[] {
  const isThere = ({ now }: Placement) => Number(now !== undefined);
  return [...apps].sort((one, other) => isThere(one) - isThere(other));
}

/** The apps that the appliance serves. */
export function served({ apps }: Plan): readonly App[] {
  return apps.flatMap(({ app, place }) => (place === "platinum" ? [app] : []));
}

function placeOf(
  site: UnplacedSite,
  app: App,
  own: readonly ObservedGuest[],
  failure: string | undefined,
): Placement {
  const now = placeIn(own, app);
  if (app.network === "direct") return { app, now, place: "direct" };
  if (now === "platinum") return { app, now, place: "platinum" };
  // An app that was asked to come stays asked: only the tag `fallback` means that nobody has asked.
  const orElse = now === "direct" ? "direct" : "fallback";
  if (failure !== undefined) return { app, now, place: orElse };
  if (now === "fallback" && site.onApplianceRepair === "stay")
    return { app, now, place: "fallback" };
  return {
    app,
    now,
    place: "platinum",
    ...(site.onApplianceFailure === "fallback" ? { orElse } : {}),
  };
}

/** The tag that scripts/node/guest.sh leaves on an appliance whose set-up failed. */
const attemptTag = /^attempt-(\d+)$/;

function attemptIn({ appliance }: UnplacedSite, own: readonly ObservedGuest[]): number {
  const tags = own.find(({ vmid }) => vmid === appliance.vmid)?.tags ?? [];
  return Math.max(1, ...tags.map((tag) => Number(attemptTag.exec(tag)?.[1] ?? 1)));
}

function goingGateway(
  { network, appliance }: UnplacedSite,
  own: readonly ObservedGuest[],
): readonly string[] {
  return own.some(({ vmid }) => vmid === appliance.vmid)
    ? [
        `No app is left on the private network, so the bridge ${network.bridge} and the appliance ${appliance.hostname} (${appliance.vmid}) are removed. The next such app brings them back. To keep them, set network.keepWhenEmpty.`,
      ]
    : [];
}

function fallenBack(site: UnplacedSite, apps: readonly Placement[], failure: string): string {
  const names = apps.flatMap(({ app, place }) =>
    app.network === "platinum" && place !== "platinum" ? [app.name] : [],
  );
  return `There is no private network: ${failure} These apps are on ${site.appliance.wan.bridge} instead, without isolation and proxy: ${names.join(", ")}. The next update tries again.`;
}

function stayingBack(site: UnplacedSite, apps: readonly Placement[]): readonly string[] {
  const names = apps.flatMap(({ app, place }) => (place === "fallback" ? [app.name] : []));
  return names.length === 0
    ? []
    : [
        `On ${site.appliance.wan.bridge} without isolation, since the appliance had failed: ${names.join(", ")}. To move them to the private network with their data, set onApplianceRepair: return.`,
      ];
}

function moving(site: UnplacedSite, { app, now, place }: Placement): readonly string[] {
  const bridgeOf = (at: Place) =>
    at === "platinum" ? site.network.bridge : site.appliance.wan.bridge;
  return now === undefined || bridgeOf(now) === bridgeOf(place)
    ? []
    : [
        `${app.name} moves from ${bridgeOf(now)} to ${bridgeOf(place)}: it restarts, gets another address there, and keeps its disk.`,
      ];
}
