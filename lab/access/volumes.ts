import type { Volume } from "../backend/backend";
import type { Identity } from "../server/identity";

const storageOf = (volid: string): string => `/storage/${volid.slice(0, volid.indexOf(":"))}`;

/** Throws 403 unless the caller may read a template or image (docs/proxmox/permissions.md 1). */
export function assertMayReadTemplate(user: Identity, volid: string): void {
  const path = storageOf(volid);
  if (user.has(path, "Datastore.Allocate")) return;
  user.requireAny(path, "Datastore.AllocateSpace", "Datastore.Audit");
}

/** Whether a volume appears in a storage's list; guests' disks only for those who may change these disks. */
export function maySeeVolume(user: Identity, { volid, content, vmid }: Volume): boolean {
  const path = storageOf(volid);
  if (user.has(path, "Datastore.Allocate")) return true;
  if (content === "vztmpl" || content === "iso") {
    return user.hasAny(path, "Datastore.AllocateSpace", "Datastore.Audit");
  }
  if (vmid === undefined) return false;
  return content === "backup"
    ? user.has(path, "Datastore.AllocateSpace") && user.has(`/vms/${vmid}`, "VM.Backup")
    : user.has(path, "Datastore.Audit") && user.has(`/vms/${vmid}`, "VM.Config.Disk");
}
