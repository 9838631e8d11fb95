/** Guests' root folders: a disk of the asked size each, over the template that all share. */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

import { BackendError, type RootfsSpec } from "../backend/backend";
import { onHostMust } from "./host";
import { locked } from "./lock";
import { unpackedFolder, type Place } from "./place";
import { readRecord, recordFile, rootfsVolumes, storages, type VolumeRecord } from "./storage";
import { nodesOf } from "./topology";
import { locate, namesIn, ON_NODE, storageName, volumePath, type StorageName } from "./volume-path";

/** Host ids of an unprivileged guest begin here, as on Proxmox. */
export const FIRST_GUEST_ID = 100_000;

/** Folder of a volume as the node sees it. */
function onNode(volid: string): string {
  const { storage, path: below } = locate(volid);
  return `${ON_NODE[storage]}/${below}`;
}

/** Creates a rootfs: an empty layer on a separate disk, over the unpacked template. */
export async function createRootfs(place: Place, node: string, spec: RootfsSpec): Promise<string> {
  const lower = await unpacked(place, node, spec);
  const storage = storageName(spec.storage);
  const volid = freeVolume(place, node, storage, spec.vmid);
  const folder = volumePath(place, node, volid);
  const owner = spec.unprivileged ? FIRST_GUEST_ID : 0;
  const bytes = Math.ceil(spec.sizeGiB * 2 ** 30);
  const template = await weight(place, node, lower);
  assertFits(place, node, { volid, bytes, template });
  mkdirSync(folder, { recursive: true });
  const record: VolumeRecord = {
    vmid: spec.vmid,
    bytes,
    template,
    lower,
    unprivileged: spec.unprivileged,
  };
  writeFileSync(recordFile(folder), JSON.stringify(record));
  try {
    const make = ["make", `${ON_NODE.unpacked}/${lower}`, onNode(volid)];
    await onHostMust(place, node, ["lab-rootfs", ...make, String(bytes), String(owner)]);
    await mountRootfs(place, node, spec.vmid);
    await onHostMust(place, node, ["lab-rootfs", "keys", String(spec.vmid), String(owner)]);
  } catch (error) {
    await removeVolume(place, node, volid);
    throw error;
  }
  return volid;
}

/** Bytes that a template's files take on a disk. */
async function weight(place: Place, node: string, lower: string): Promise<number> {
  const known = path.join(unpackedFolder(place), `${lower}.bytes`);
  if (existsSync(known) && statSync(known).size > 0) return Number(readFileSync(known, "utf8"));
  return Number(
    await onHostMust(place, node, ["lab-rootfs", "weight", `${ON_NODE.unpacked}/${lower}`]),
  );
}

/** Refuses in the words of lvcreate and tar, which meet a full storage and a small disk on Proxmox. */
function assertFits(
  place: Place,
  node: string,
  { volid, bytes, template }: { volid: string; bytes: number; template: number },
): void {
  const { storage: name } = locate(volid);
  const storage = storages(place, node).find((entry) => entry.storage === name);
  const left = storage === undefined ? 0 : storage.total - storage.used;
  if (name === "local-lvm" && left <= 0) {
    throw new BackendError(
      `lvcreate 'pve/${volid.replace(/^.*:/, "")}' error:   Cannot create new thin volume, free space in thin pool pve/data reached threshold.`,
    );
  }
  if (template <= Math.min(left, bytes)) return;
  throw new BackendError(
    "command 'tar xpf - ...' failed: exit code 2 (Cannot write: No space left on device)",
  );
}

function freeVolume(place: Place, node: string, storage: StorageName, vmid: number): string {
  for (let disk = 0; ; disk++) {
    const name = `vm-${vmid}-disk-${disk}`;
    const volid = storage === "local" ? `local:${vmid}/${name}.raw` : `${storage}:${name}`;
    if (!existsSync(volumePath(place, node, volid))) return volid;
  }
}

/** Which template is unpacked, for whom; `onUnpack` is called when it has to be unpacked first. */
interface Unpacking {
  readonly template: string;
  readonly unprivileged: boolean;
  readonly onUnpack?: () => void;
}

/** Unpacks a template once for all labs and guests; its name contains the archive's size and time. */
export async function unpacked(
  place: Place,
  node: string,
  { template, unprivileged, onUnpack }: Unpacking,
): Promise<string> {
  const archive = volumePath(place, node, template);
  if (!existsSync(archive)) throw new BackendError(`volume '${template}' does not exist`);
  const { size, mtimeMs } = statSync(archive);
  const owner = unprivileged ? FIRST_GUEST_ID : 0;
  const name = `${path.basename(archive)}.${size}.${Math.round(mtimeMs)}.${owner}`;
  const folder = unpackedFolder(place);
  if (existsSync(path.join(folder, name))) return name;
  return locked(path.join(folder, "lock"), async () => {
    if (existsSync(path.join(folder, name))) return name;
    onUnpack?.();
    const source = `${ON_NODE.local}/${locate(template).path}`;
    const target = `${ON_NODE.unpacked}/${name}`;
    await onHostMust(place, node, ["lab-rootfs", "unpack", source, target, String(owner)]);
    return name;
  });
}

/** The rootfs volume of a guest on this node; undefined when it has none. */
function rootfsOf(place: Place, node: string, vmid: number): string | undefined {
  return (["local-lvm", "local"] as const)
    .flatMap((storage) => rootfsVolumes(place, node, storage))
    .find((volid) => volid.includes(`vm-${vmid}-disk-`));
}

/** Mounts a guest's rootfs at /var/lib/lxc/VMID/rootfs on the node, unless it is mounted; returns its root's id. */
export async function mountRootfs(place: Place, node: string, vmid: number): Promise<number> {
  const volid = needRootfs(place, node, vmid);
  const { lower, unprivileged } = readRecord(volumePath(place, node, volid));
  const template = `${ON_NODE.unpacked}/${lower}`;
  await onHostMust(place, node, ["lab-rootfs", "mount", template, onNode(volid), String(vmid)]);
  return unprivileged ? FIRST_GUEST_ID : 0;
}

/** Ends the growing of a guest's disk that had to wait for the guest to stop; the guest must not run. */
export async function settleRootfs(place: Place, node: string, vmid: number): Promise<void> {
  const volid = needRootfs(place, node, vmid);
  if (!existsSync(path.join(volumePath(place, node, volid), "grow"))) return;
  await onHostMust(place, node, ["lab-rootfs", "settle", onNode(volid), String(vmid)]);
}

function needRootfs(place: Place, node: string, vmid: number): string {
  const volid = rootfsOf(place, node, vmid);
  if (volid === undefined) throw new BackendError(`CT ${vmid} has no rootfs volume on ${node}`);
  return volid;
}

/** Takes (`fill`) every free block of a guest's disk, or gives (`free`) them back. */
export async function ballast(place: Place, vmid: number, verb: "fill" | "free"): Promise<void> {
  const node = nodesOf(place).find(({ name }) => rootfsOf(place, name, vmid) !== undefined)?.name;
  if (node === undefined) throw new Error(`Guest ${vmid} has no root disk in the lab.`);
  const volume = onNode(needRootfs(place, node, vmid));
  await onHostMust(place, node, ["lab-rootfs", verb, volume]);
}

/**
 * Grows a disk. Where the machine cannot grow a file system in use (it lacks CAP_SYS_RESOURCE), a
 * running guest has the new room after its next start.
 */
export async function resizeVolume(
  place: Place,
  node: string,
  volid: string,
  { bytes, withFileSystem }: { readonly bytes: number; readonly withFileSystem: boolean },
): Promise<void> {
  const folder = volumePath(place, node, volid);
  if (!existsSync(folder)) throw new BackendError(`volume '${volid}' does not exist`);
  if (withFileSystem) {
    await onHostMust(place, node, ["lab-rootfs", "grow", onNode(volid), String(bytes)]);
  }
  const record: VolumeRecord = { ...readRecord(folder), bytes };
  writeFileSync(recordFile(folder), JSON.stringify(record));
}

/** Removes a volume; a rootfs is unmounted first, which fails while a guest runs on it. */
export async function removeVolume(place: Place, node: string, volid: string): Promise<void> {
  const target = volumePath(place, node, volid);
  if (existsSync(recordFile(target))) {
    const { vmid } = readRecord(target);
    await onHostMust(place, node, ["lab-rootfs", "unmount", onNode(volid), String(vmid)]);
  }
  rmSync(target, { recursive: true, force: true });
  // A dir storage keeps a folder per guest only while it has images.
  const parent = path.dirname(target);
  if (/^\d+$/.test(path.basename(parent)) && namesIn(parent).length === 0) {
    rmSync(parent, { recursive: true });
  }
}
