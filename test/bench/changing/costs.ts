/** Where the time of one app more goes, and what would save it. */
import type { Change } from "./bench";

/** Seconds, one after the other; together they are the whole. */
export interface Phases {
  readonly start: number;
  readonly ask: number;
  readonly look: number;
  readonly plan: number;
  readonly appliance: number;
  readonly between: number;
  readonly make: number;
  readonly address: number;
  readonly dial: number;
  readonly setUp: number;
  readonly end: number;
}

/** What a phase is, and what would remove it. */
export const PHASES: readonly {
  readonly key: keyof Phases;
  readonly what: string;
  readonly remedy: string;
}[] = [
  {
    key: "start",
    what: "start of Pulumi, its plugins and the program",
    remedy:
      "A program that is bundled to one file, and an engine that keeps its plugins running, would remove most of it.",
  },
  {
    key: "ask",
    what: "questions to the cluster's API, and the dial for the look",
    remedy: "They are asked side by side already.",
  },
  {
    key: "look",
    what: "the look at what was changed by hand, in every guest",
    remedy:
      "`proximity-lan:watch: false` takes it out, at the price of not seeing such changes; fewer programs in each guest would make it quicker.",
  },
  {
    key: "plan",
    what: "from the look to the appliance's command: bridge, appliance, and the components",
    remedy: "The engine asks the plugin about each resource, one after the other.",
  },
  {
    key: "appliance",
    what: "the command on the appliance",
    remedy: "Most of it are the daemons' own checks of their new files, before anything is placed.",
  },
  {
    key: "between",
    what: "from the appliance to the order of the container",
    remedy:
      "Apps wait for the appliance, and the engine then asks the plugin about one container after the other, the new one among the first; `--target` leaves the others out, at the price of not seeing what they need.",
  },
  {
    key: "make",
    what: "the container made and started",
    remedy:
      "The provider asks once a second whether the node's task has ended; by hand, `pct create` returns at once.",
  },
  {
    key: "address",
    what: "the provider asks for the container's addresses",
    remedy:
      "It asks once a second, for at most 10 s, and has no option to skip that; this program takes its addresses from inside the guest, so nothing is lost without it.",
  },
  {
    key: "dial",
    what: "from there to the first command in it",
    remedy: "A new SSH connection; the command provider keeps none.",
  },
  {
    key: "setUp",
    what: "the command in the container",
    remedy:
      "What is left of the container's own start is waited for here, which takes as long by hand.",
  },
  {
    key: "end",
    what: "from there to the end",
    remedy: "Outputs, the last write of the state, and the end of the plugins and of the program.",
  },
];

/** The one call without a verb: scripts/node/look.sh. */
const isLook = ({ words }: Change["calls"][number]): boolean => /^bash -s -- \S+$/.test(words);

const isAppliance = ({ words }: Change["calls"][number]): boolean =>
  / appliance-\w+\.sh /.test(words);

/** Seconds of the commands on the appliance. */
export const onAppliance = ({ calls }: Change): number =>
  calls.filter(isAppliance).reduce((sum, { began, ended }) => sum + ended - began, 0);

/** Of an update that added one app. */
export function phasesOf(change: Change): Phases {
  const { began, wall, requests, calls } = change;
  const [appliance, setUp] = [
    calls.filter(isAppliance),
    calls.filter((call) => !isAppliance(call)),
  ];
  const [created] = change.creations;
  const [look, told, last] = [calls.find(isLook), appliance[0], setUp.at(-1)];
  if (!created || !look || !told || !last)
    throw new Error("an app was added without a container, a look or a command");
  const first = requests[0]?.at ?? NaN;
  return {
    start: first - began,
    ask: look.began - first,
    look: look.ended - look.began,
    plan: told.began - look.ended,
    appliance: told.ended - told.began,
    between: created.ordered - told.ended,
    make: created.started - created.ordered,
    address: created.addressed - created.started,
    dial: last.began - created.addressed,
    setUp: last.ended - last.began,
    end: began + wall - last.ended,
  };
}
