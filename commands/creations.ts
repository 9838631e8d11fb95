/**
 * Creations of containers that were cut off. Proxmox first writes `lock: create` alone into the
 * configuration, without tag and name, and unlocks it when the container is whole (pve-container,
 * src/PVE/API2/LXC.pm, create_vm). Where the node lost power or the worker died, that stays. Whose it is
 * says the log of tasks: each has the user or token that started it.
 */
import { setTimeout as pause } from "node:timers/promises";

import { z } from "zod";

import type { ListedGuest } from "../model/standing";
import { runOnNode } from "./on-node";
import { get, type Api } from "./proxmox";
import type { Stack } from "./stack";

/** How long a running creation is waited for, in seconds: a large template on a slow disk. */
const LIMIT = 600;

const tasksShape = z.array(
  z.object({
    upid: z.string(),
    type: z.string(),
    starttime: z.number(),
    endtime: z.number().optional(),
  }),
);
const volumesShape = z.array(
  z.object({ volid: z.string(), ctime: z.number().optional(), content: z.string().optional() }),
);

/** The newest creation of a VMID, as the log of tasks has it. */
interface Creation {
  /** Whether the stack's own token started it. */
  readonly own: boolean;
  readonly running: boolean;
  /** Seconds since 1970. */
  readonly started: number;
}

/** Waits for the creation of a VMID if this stack's token started it and it still runs. */
export async function awaitCreation(
  api: Api,
  { node, vmid }: { readonly node: string; readonly vmid: number },
): Promise<Creation | undefined> {
  const limit = Date.now() + LIMIT * 1000;
  for (let waited = false; ; waited = true) {
    const creation = await creationOf(api, node, vmid);
    if (creation?.own !== true || !creation.running) return creation;
    if (!waited) say(`container ${vmid} is still being created; waiting for it`);
    if (Date.now() > limit)
      throw new Error(
        `container ${vmid} is still being created after ${LIMIT} s. See the node's task log, then run this again`,
      );
    await pause(1000);
  }
}

/** A restored backup is a creation as well, and never this stack's. */
async function creationOf(api: Api, node: string, vmid: number): Promise<Creation | undefined> {
  const path = `/nodes/${node}/tasks?vmid=${vmid}&source=all&limit=50`;
  const tasks = tasksShape.parse(await get(api, path));
  const newest = tasks
    .filter(({ type }) => type === "vzcreate" || type === "vzrestore")
    .sort((a, b) => b.starttime - a.starttime)[0];
  if (newest === undefined) return undefined;
  const user = newest.upid.split(":")[7] ?? "";
  return {
    own: newest.type === "vzcreate" && user === api.token.split("=")[0],
    running: newest.endtime === undefined,
    started: newest.starttime,
  };
}

/**
 * Waits for creations of this stack that still run, and removes what is left of those that were cut off,
 * with the volumes that they made. True when something was done. What somebody else creates stays.
 */
export async function settleCreations(
  stack: Stack,
  guests: readonly ListedGuest[],
): Promise<boolean> {
  for (const { vmid, node } of guests) {
    const creation = await awaitCreation(stack.api, { node, vmid });
    if (creation?.own !== true) {
      say(`container ${vmid} on ${node} is being created, or was, by somebody else; it stays`);
      continue;
    }
    const volumes = await volumesSince(stack, node, vmid, creation.started);
    const args = [String(vmid), stack.tag, ...volumes];
    const said = await runOnNode(stack, { script: "remove-leftover.sh", args, limit: 120 });
    if (said.trim() === "removed")
      say(`the creation of container ${vmid} was cut off; what it left is removed`);
  }
  return guests.length > 0;
}

/** What the creation made: an older volume with that VMID in its name may be somebody's data. */
async function volumesSince(
  { api, site }: Stack,
  node: string,
  vmid: number,
  started: number,
): Promise<readonly string[]> {
  const path = `/nodes/${node}/storage/${site.storage}/content?content=rootdir&vmid=${vmid}`;
  return volumesShape
    .parse((await get(api, path)) ?? [])
    .filter(({ ctime }) => ctime !== undefined && ctime >= started)
    .map(({ volid }) => volid);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
