/** Where the time of a fresh `up` goes, by the engine's own events. */
import { z } from "zod";

import { spread } from "../support/figures";

/** What one part of a run took, in seconds. */
export interface Cost {
  readonly part: string;
  readonly seconds: number;
}

const Metadata = z.object({ metadata: z.object({ op: z.string(), urn: z.string() }) });

const Event = z.object({
  timestamp: z.number(),
  resourcePreEvent: Metadata.optional(),
  resOutputsEvent: Metadata.optional(),
});

/** One of the program's steps: which resources it is, and what would shorten it. */
interface Part {
  readonly part: string;
  readonly is: RegExp;
  readonly remedy: string;
}

/** From the beginning to the end; of the apps, what runs side by side is one part. */
const PARTS: readonly Part[] = [
  {
    part: "the bridge",
    is: /::proximity-lan-isolation$/,
    remedy: "a node on which ifreload is quicker",
  },
  {
    part: "the appliance's container, from the call to its first address",
    is: /Appliance\$proxmoxve:.*Container/,
    remedy: "a provider that asks for the end of a task more often than once a second",
  },
  {
    part: "the appliance's packages",
    is: /-packages$/,
    remedy: "a template that has them; `appliance.console: false` leaves out the most of them",
  },
  {
    part: "the appliance's files and services, and what is looked at afterwards",
    is: /-(secrets|services)$/,
    remedy: "starting services side by side, and a probe that writes its first status at once",
  },
  {
    part: "the apps' containers, side by side, from the call to their addresses",
    is: /AppContainer\$proxmoxve:.*Container/,
    remedy:
      "a provider that asks for the end of a task more often than once a second; making them before the appliance works would break what the README promises of its failure",
  },
  {
    part: "the apps' packages, files and services, side by side",
    is: /AppContainer\$command:.*-setup$/,
    remedy: "a template that has their packages, and a processor for each of them",
  },
];

/** What is before and between the parts. */
const REST = {
  part: "Pulumi itself: its start, the program, the look at the cluster, and its state",
  remedy: "an engine and a language host that start sooner",
};

/** Reads the file of `--event-log`; throws when a part is not in it. */
export function costsOf(events: string): readonly Cost[] {
  const lines = events.trim().split("\n");
  const seen = lines.map((line) => Event.parse(JSON.parse(line)));
  const [first, last] = [seen[0]?.timestamp ?? NaN, seen.at(-1)?.timestamp ?? NaN];
  const parts = PARTS.map(({ part, is }) => {
    const of = (event?: z.infer<typeof Metadata>) =>
      event?.metadata.op === "create" && is.test(event.metadata.urn);
    const begun = seen.filter((event) => of(event.resourcePreEvent));
    const done = seen.filter((event) => of(event.resOutputsEvent));
    if (begun.length === 0 || done.length === 0) throw new Error(`No event mentions ${part}.`);
    const times = (all: typeof seen) => all.map(({ timestamp }) => timestamp);
    return { part, seconds: Math.max(...times(done)) - Math.min(...times(begun)) };
  });
  const known = parts.reduce((sum, { seconds }) => sum + seconds, 0);
  return [...parts, { part: REST.part, seconds: Math.max(0, last - first - known) }];
}

/** Sentences on the three largest, each with what would remove it. */
export function largest(rounds: readonly (readonly Cost[])[]): readonly string[] {
  const parts = [...PARTS, REST].map(({ part, remedy }) => {
    const of = (costs: readonly Cost[]) => costs.find((cost) => cost.part === part)?.seconds ?? NaN;
    const total = (costs: readonly Cost[]) => costs.reduce((sum, { seconds }) => sum + seconds, 0);
    const { median } = spread(rounds.map(of));
    const share = spread(rounds.map((costs) => of(costs) / total(costs))).median;
    return { part, remedy, median, share };
  });
  return parts
    .sort((a, b) => b.median - a.median)
    .slice(0, 3)
    .map(
      ({ part, remedy, median, share }) =>
        `Of a fresh \`up\`, ${Math.round(share * 100)} % (${median.toFixed(0)} s) is ${part}. What would remove it: ${remedy}.`,
    );
}
