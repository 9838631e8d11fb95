import { BackendError } from "../backend/backend";
import type { LabContext } from "../server/context";
import { lxcConfig } from "../pve/lxc-config";
import type { TaskLog } from "../server/tasks";
import { withPendingApplied } from "./pending";
import { writeGuestFiles } from "./setup";
import { assertUnlocked } from "./store";

const isRunning = async (lab: LabContext, node: string, vmid: number): Promise<boolean> =>
  (await lab.backend.guestState(node, vmid)).running;

/** Throws Proxmox's words when a guest is missing or not in the state that an operation needs. */
export async function assertRunning(
  lab: LabContext,
  node: string,
  vmid: number,
  wanted: boolean,
): Promise<void> {
  await lab.guests.load(node, vmid);
  if ((await isRunning(lab, node, vmid)) === wanted) return;
  throw new BackendError(wanted ? `CT ${vmid} not running` : `CT ${vmid} already running`);
}

async function boot(lab: LabContext, node: string, vmid: number): Promise<void> {
  const stored = await lab.guests.load(node, vmid);
  assertUnlocked(stored);
  if (stored.current.keys.get("template") === "1") {
    throw new BackendError("you can't start a CT if it's a template");
  }
  const file = withPendingApplied(stored);
  if (stored.pending.size > 0) await lab.guests.save(node, vmid, file);
  const config = lxcConfig(vmid, file.current);
  await writeGuestFiles(lab.backend, node, vmid, file.current);
  await lab.backend.startGuest(node, vmid, config);
}

/** Starts a guest: pending changes, guest files, LXC configuration, then its init. */
export async function startGuest(
  lab: LabContext,
  node: string,
  vmid: number,
  log: TaskLog,
): Promise<void> {
  await lab.guests.locked(vmid, async () => {
    if (await isRunning(lab, node, vmid)) throw new BackendError(`CT ${vmid} already running`);
    log.line(`starting CT ${vmid}`);
    await boot(lab, node, vmid);
  });
}

/** Kills a guest. */
export async function stopGuest(lab: LabContext, node: string, vmid: number): Promise<void> {
  await lab.guests.locked(vmid, async () => {
    assertUnlocked(await lab.guests.load(node, vmid));
    await lab.backend.stopGuest(node, vmid);
  });
}

/** How a shutdown is asked for; times in seconds. */
export interface Shutdown {
  readonly force: boolean;
  readonly timeoutSeconds: number;
}

/** Shuts a guest down; without `force` a guest that does not stop in time is an error. */
export async function shutdownGuest(
  lab: LabContext,
  node: string,
  vmid: number,
  how: Shutdown,
): Promise<void> {
  await lab.guests.locked(vmid, async () => {
    assertUnlocked(await lab.guests.load(node, vmid));
    await lab.backend.shutdownGuest(node, vmid, how);
  });
}

/** Shuts a guest down and starts it again, with its pending changes. */
export async function rebootGuest(
  lab: LabContext,
  node: string,
  vmid: number,
  timeoutSeconds: number,
): Promise<void> {
  await lab.guests.locked(vmid, async () => {
    assertUnlocked(await lab.guests.load(node, vmid));
    await lab.backend.shutdownGuest(node, vmid, { force: true, timeoutSeconds });
    await boot(lab, node, vmid);
  });
}
