import { BackendError } from "../backend/backend";
import type { LabContext } from "../server/context";
import type { Identity } from "../server/identity";
import { removeFromPools } from "../server/pool";
import { parseRootfs } from "../pve/rootfs";
import { assertUnlocked } from "./store";

async function assertDestroyable(
  lab: LabContext,
  node: string,
  vmid: number,
  force: boolean,
): Promise<void> {
  const file = await lab.guests.load(node, vmid);
  if (file.current.keys.get("protection") === "1") {
    throw new BackendError(`can't remove CT ${vmid} - protection mode enabled`);
  }
  assertUnlocked(file);
  if (!force && (await lab.backend.guestState(node, vmid)).running) {
    throw new BackendError(`unable to destroy CT ${vmid} - container is running`);
  }
}

/** Destroys a guest in a task and returns its UPID: volume, config, firewall file and pool entry go. */
export async function destroyGuest(
  lab: LabContext,
  user: Identity,
  guest: { readonly node: string; readonly vmid: number; readonly force: boolean },
): Promise<string> {
  const { node, vmid, force } = guest;
  await assertDestroyable(lab, node, vmid, force);
  const task = { node, type: "vzdestroy", id: String(vmid), user: user.user };
  return lab.tasks.start(task, async (log) => {
    await lab.guests.locked(vmid, async () => {
      await assertDestroyable(lab, node, vmid, force);
      if ((await lab.backend.guestState(node, vmid)).running) {
        log.warn(`forced to stop CT ${vmid} before destroying!`);
        await lab.backend.stopGuest(node, vmid);
      }
      const { current } = await lab.guests.load(node, vmid);
      const rootfs = current.keys.get("rootfs");
      if (rootfs !== undefined) await lab.backend.removeVolume(node, parseRootfs(rootfs).volid);
      await lab.backend.removeFile(node, `/etc/pve/firewall/${vmid}.fw`);
      await removeFromPools(lab.backend, vmid);
      await lab.guests.remove(node, vmid);
    });
  });
}
