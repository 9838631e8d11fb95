/** What `make up` and `make destroy` do before Pulumi runs: compare its state with the node. */
import {
  parseListedGuests,
  standingOf,
  type ListedGuest,
  type StateContainer,
} from "../model/standing";
import { backendFolder, locksOf } from "./backend";
import { settleCreations } from "./creations";
import { runOnNode } from "./on-node";
import { readStack, type Stack } from "./stack";
import { containersIn, forget, pendingIn, readState } from "./state";

/** How the state stands to the node. */
export interface Comparison {
  readonly stack: Stack;
  /** Every guest of the cluster. */
  readonly guests: readonly ListedGuest[];
  /** Containers in the state, before those that are no longer this stack's were removed from it. */
  readonly containers: readonly StateContainer[];
  /** Whether Pulumi has to read the node before it does anything. */
  readonly needsRefresh: boolean;
  /** VMIDs of this stack's guests that the state does not have. */
  readonly unknown: readonly number[];
}

/**
 * Removes from the state what is no longer this stack's: the engine would delete whatever guest is under
 * the VMID now. Undefined, with a word, when the node or the declaration cannot be read; the check before
 * each deletion (scripts/node/guest.sh, release) still holds then.
 */
export async function compareWithNode(name: string): Promise<Comparison | undefined> {
  // Pulumi refuses to run.
  if (isLocked(name)) return undefined;
  try {
    const stack = readStack(name);
    const state = readState(name);
    const containers = containersIn(state, stack.tag);
    const guests = await listSettled(stack, containers);
    const standing = (wanted: string) =>
      containers.filter((container) => standingOf(container, guests) === wanted);
    const foreign = standing("foreign");
    for (const { name: app, vmid } of foreign) {
      const there = guests.find((guest) => guest.vmid === vmid);
      say(
        `${vmid} is no longer the container of ${app}, but "${there?.name ?? ""}" on ${there?.node ?? ""}, which this stack did not create. It stays as it is; only the state forgets it.`,
      );
    }
    if (foreign.length > 0) forget(name, state, foreign);
    const gone = standing("gone");
    for (const { name: app, vmid } of gone)
      say(`container ${vmid} (${app}) is gone from the node.`);
    const known = new Set(containers.map(({ vmid }) => vmid));
    return {
      stack,
      guests,
      containers,
      needsRefresh: gone.length + pendingIn(state).length > 0,
      unknown: guests.filter(({ own, vmid }) => own && !known.has(vmid)).map(({ vmid }) => vmid),
    };
  } catch (error) {
    say(
      `The state was not compared with the node. ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}

function isLocked(name: string): boolean {
  const folder = backendFolder();
  return folder !== undefined && locksOf(folder, name).length > 0;
}

/** Every guest of the cluster, once no creation of this stack is half done. */
async function listSettled(
  stack: Stack,
  containers: readonly StateContainer[],
): Promise<readonly ListedGuest[]> {
  const list = async () =>
    parseListedGuests(await runOnNode(stack, { script: "guests.sh", args: [stack.tag] }));
  const guests = await list();
  const vmids = new Set([...vmidsOf(stack.site), ...containers.map(({ vmid }) => vmid)]);
  const settled = await settleCreations(
    stack,
    guests.filter(({ vmid, lock }) => lock === "create" && vmids.has(vmid)),
  );
  return settled ? list() : guests;
}

function vmidsOf({ appliance, apps, guests }: Stack["site"]): readonly number[] {
  return [appliance, ...apps, ...guests].map(({ vmid }) => vmid);
}

/** One line for the person. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
