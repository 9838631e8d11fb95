/** Where the time of a fresh `up` goes, and what would save it. */
import { cpus } from "node:os";

import type { Call } from "../support/app-site";
import type { Built, Own, Round } from "./bench";

/** Seconds of all processors together. */
export interface Shares {
  readonly pulumi: number;
  readonly api: number;
  readonly node: number;
  readonly guests: number;
  readonly other: number;
  readonly idle: number;
}

/** `pulumi` is what the measured command itself took where that does not run on the node. */
export function sharesOf({ wall, work }: Built, pulumi: number): Shares {
  const { api, node, guests, all } = work;
  const other = Math.max(0, all - pulumi - api - node - guests);
  return { pulumi, api, node, guests, other, idle: Math.max(0, wall * cpus().length - all) };
}

/** Seconds of a fresh `up`: of the whole, one after the other; and of an app in the mean. */
export interface Phases {
  readonly start: number;
  readonly appliance: number;
  readonly apps: number;
  readonly end: number;
  readonly make: number;
  readonly address: number;
  readonly setUp: number;
}

const APPLIANCE = 100;
const took = ({ began, ended }: Call): number => ended - began;
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export function phasesOf({ began, wall, creations, calls }: Own): Phases {
  const appliance = creations.find(({ vmid }) => vmid === APPLIANCE)?.ordered ?? NaN;
  const apps = creations.filter(({ vmid }) => vmid !== APPLIANCE);
  const setUps = calls.filter(({ words }) => words.includes(" app.sh "));
  const first = Math.min(...apps.map(({ ordered }) => ordered));
  const last = Math.max(...setUps.map(({ ended }) => ended));
  return {
    start: appliance - began,
    appliance: first - appliance,
    apps: last - first,
    end: began + wall - last,
    make: mean(apps.map(({ ordered, started }) => started - ordered)),
    address: mean(apps.map(({ started, addressed }) => addressed - started)),
    setUp: mean(setUps.map(took)),
  };
}

/** The three largest costs over the loop, in seconds of the processors, and what would remove each. */
export function costs(apps: number, { own, loop }: Round): string[] {
  const [mine, others] = [sharesOf(own, own.processor), sharesOf(loop, 0)];
  const { address, setUp } = phasesOf(own);
  const each = (count: number): string => (count / apps).toFixed(1);
  const sent = own.calls.reduce((sum, { bytes }) => sum + bytes, 0) / own.calls.length / 1024;
  const names: Readonly<Record<keyof Shares, string>> = {
    pulumi: `\`pulumi\` itself: engine, plugins and the program's Node (${each(mine.pulumi)} s an app). For each step the engine writes the whole state, ${(own.state / 2 ** 20).toFixed(1)} MiB at the end, so that this part grows with the square of the apps: a journal, which Pulumi has for its own service alone, would remove it.`,
    api: `questions to the API (${each(own.requests.length)} an app): the provider asks for a task and for a container's addresses once a second, and reads a container several times after it is made. A provider that waits for the task and leaves the addresses to us would remove them; this program takes its addresses from inside the guests.`,
    node: `SSH and scripts on the node (${each(own.calls.length)} calls an app, ${sent.toFixed(0)} KiB each). Each call is a separate connection with its key exchange, a shell, and \`pct exec\`; a connection that the command provider kept would remove the key exchange.`,
    guests: `work in the guests: the set-up looks at all that the declaration says before it changes anything and keeps a copy for the look at changes by hand, which the loop does not do. Nothing but fewer looks would remove it.`,
    other: `other programs of the machine, the lab's relays for SSH among them, which a real node does not need.`,
    idle: `processors that had nothing to do while something was waited for: the provider's look at addresses (${address.toFixed(1)} s an app) and the set-up (${setUp.toFixed(1)} s, of which an app's own start is the most) each hold one of the places of \`--parallel\`. More places, or no look at addresses, would remove it.`,
  };
  const keys: readonly (keyof Shares)[] = ["pulumi", "api", "node", "guests", "other", "idle"];
  return keys
    .map((key) => ({ key, over: mine[key] - others[key] }))
    .sort((one, other) => other.over - one.over)
    .slice(0, 3)
    .map(
      ({ key, over }) => `${over.toFixed(0)} s of the processors over the loop's: ${names[key]}`,
    );
}
