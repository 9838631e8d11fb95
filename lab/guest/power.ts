import { BackendError } from "../backend/backend";
import type { LabContext } from "../server/context";
import { lxcConfig } from "../pve/lxc-config";
import type { TaskLog } from "../server/tasks";
import { withPendingApplied } from "./pending";
import { writeGuestFiles } from "./setup";
import { assertUnlocked } from "./store";

const isRunning = async (lab: LabContext, node: string, vmid: number): Promise<boolean> =>
  (await lab.backend.guestState(node, vmid)).running;

/** What Proxmox calls a guest in its refusals: only the reboot of a container calls it a VM. */
type Kind = "CT" | "VM";

/**
 * Throws unless a guest is in the state that an operation needs. A missing guest counts as stopped: only
 * the task finds out that it does not exist.
 */
export async function assertRunning(
  lab: LabContext,
  guest: { readonly node: string; readonly vmid: number; readonly kind?: Kind },
  wanted: boolean,
): Promise<void> {
  const { node, vmid, kind = "CT" } = guest;
  if ((await isRunning(lab, node, vmid)) === wanted) return;
  throw new BackendError(`${kind} ${vmid} ${wanted ? "not" : "already"} running`);
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
