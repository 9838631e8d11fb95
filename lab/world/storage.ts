/** A node's storages: folders on the machine, one per volume. */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
  chownSync,
} from "node:fs";
import path from "node:path";

import { BackendError, type RootfsSpec, type Storage, type Volume } from "../backend";
import type { Bind } from "./host";
import { onHostMust } from "./host";
import { locked } from "./lock";
import { logsOf, socketFolder, storageFolder, unpackedFolder, type Place } from "./place";
import {
  FOLDERS,
  locate,
  namesIn,
  ON_NODE,
  storageName,
  volumePath,
  type StorageName,
} from "./volume-path";

const CONTENT: Readonly<Record<"local" | "local-lvm", Omit<Storage, "total" | "used">>> = {
  local: {
    storage: "local",
    type: "dir",
    content: ["vztmpl", "iso", "backup", "snippets", "rootdir"],
  },
  "local-lvm": { storage: "local-lvm", type: "lvmthin", content: ["rootdir"] },
};

/** Host ids of an unprivileged guest begin here, as on Proxmox. */
export const FIRST_GUEST_ID = 100_000;

/** What a rootfs volume was made of; kept beside its files. */
interface VolumeRecord {
  readonly vmid: number;
  readonly bytes: number;
  /** Name of the unpacked template under the volume's own files. */
  readonly lower: string;
  readonly unprivileged: boolean;
}

/** Folders of the machine that appear on a node. */
export const nodeBinds = (place: Place, node: string): readonly Bind[] => [
  { source: path.join(storageFolder(place, node), "local"), target: ON_NODE.local },
  { source: path.join(storageFolder(place, node), "local-lvm"), target: ON_NODE["local-lvm"] },
  { source: unpackedFolder(place), target: ON_NODE.unpacked },
  { source: socketFolder(place, node), target: "/run/pve-lab" },
  { source: path.join(logsOf(place), node), target: "/var/log/lab" },
];

const recordFile = (folder: string): string => path.join(folder, "volume.json");

function readRecord(folder: string): VolumeRecord {
  const record: unknown = JSON.parse(readFileSync(recordFile(folder), "utf8"));
  if (isRecord(record)) return record;
  throw new Error(`${recordFile(folder)} is not a volume's record.`);
}

const isRecord = (value: unknown): value is VolumeRecord =>
  typeof value === "object" &&
  value !== null &&
  "vmid" in value &&
  "bytes" in value &&
  "lower" in value &&
  "unprivileged" in value;

/** The node's storages; both lie on the machine's file system and tell its size. */
export function storages(place: Place, node: string): readonly Storage[] {
  return Object.values(CONTENT).map((storage) => {
    const { bsize, blocks, bavail } = statfsSync(storageFolder(place, node));
    return { ...storage, total: blocks * bsize, used: (blocks - bavail) * bsize };
  });
}

/** Volume ids of rootfs volumes on a storage. */
function rootfsVolumes(place: Place, node: string, storage: StorageName): readonly string[] {
  const folder = path.join(storageFolder(place, node), storage);
  if (storage === "local-lvm") return namesIn(folder).map((name) => `local-lvm:${name}`);
  const images = path.join(folder, "images");
  return namesIn(images).flatMap((vmid) =>
    namesIn(path.join(images, vmid)).map((name) => `local:${vmid}/${name}`),
  );
}

/** Everything on a storage. */
export function volumes(place: Place, node: string, name: string): readonly Volume[] {
  const storage = storageName(name);
  const disks = rootfsVolumes(place, node, storage).map((volid): Volume => {
    const { bytes, vmid } = readRecord(volumePath(place, node, volid));
    return { volid, content: "rootdir", format: "raw", size: bytes, vmid };
  });
  if (storage === "local-lvm") return disks;
  const files = (["vztmpl", "iso", "backup", "snippets"] as const).flatMap((content) => {
    const folder = path.join(storageFolder(place, node), storage, FOLDERS[content] ?? content);
    return namesIn(folder).map((file): Volume => {
      const format = content === "vztmpl" ? `t${path.extname(file).slice(1)}` : content;
      const { size } = statSync(path.join(folder, file));
      return { volid: `local:${content}/${file}`, content, format, size };
    });
  });
  return [...files, ...disks];
}

/** Makes a rootfs: an empty layer over the unpacked template. */
export async function createRootfs(place: Place, node: string, spec: RootfsSpec): Promise<string> {
  const lower = await unpacked(place, node, spec);
  const storage = storageName(spec.storage);
  const volid = freeVolume(place, node, storage, spec.vmid);
  const folder = volumePath(place, node, volid);
  const owner = spec.unprivileged ? FIRST_GUEST_ID : 0;
  for (const name of ["upper", "work"]) mkdirSync(path.join(folder, name), { recursive: true });
  chownSync(path.join(folder, "upper"), owner, owner);
  const record: VolumeRecord = {
    vmid: spec.vmid,
    bytes: spec.sizeGiB * 2 ** 30,
    lower,
    unprivileged: spec.unprivileged,
  };
  writeFileSync(recordFile(folder), JSON.stringify(record));
  await mountRootfs(place, node, spec.vmid);
  await onHostMust(place, node, ["lab-rootfs", "keys", String(spec.vmid), String(owner)]);
  return volid;
}

function freeVolume(place: Place, node: string, storage: StorageName, vmid: number): string {
  for (let disk = 0; ; disk++) {
    const name = `vm-${vmid}-disk-${disk}`;
    const volid = storage === "local" ? `local:${vmid}/${name}.raw` : `${storage}:${name}`;
    if (!existsSync(volumePath(place, node, volid))) return volid;
  }
}

/** Which template is unpacked, for whom; `onUnpack` is told when it was not there yet. */
interface Unpacking {
  readonly template: string;
  readonly unprivileged: boolean;
  readonly onUnpack?: () => void;
}

/** Unpacks a template once for all labs and guests; its name tells the archive's size and time. */
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

/** Mounts a guest's rootfs at /var/lib/lxc/VMID/rootfs on the node, unless it is; tells its root's id. */
export async function mountRootfs(place: Place, node: string, vmid: number): Promise<number> {
  const volid = rootfsOf(place, node, vmid);
  if (volid === undefined) throw new BackendError(`CT ${vmid} has no rootfs volume on ${node}`);
  const { storage, path: below } = locate(volid);
  const { lower, unprivileged } = readRecord(volumePath(place, node, volid));
  const volume = `${ON_NODE[storage]}/${below}`;
  await onHostMust(place, node, [
    ...["lab-rootfs", "mount", `${ON_NODE.unpacked}/${lower}`],
    ...[volume, String(vmid)],
  ]);
  return unprivileged ? FIRST_GUEST_ID : 0;
}

/** Records a new size; overlays have no size of their own, so nothing enforces it. */
export function resizeVolume(place: Place, node: string, volid: string, sizeGiB: number): void {
  const folder = volumePath(place, node, volid);
  if (!existsSync(folder)) throw new BackendError(`volume '${volid}' does not exist`);
  const record: VolumeRecord = { ...readRecord(folder), bytes: sizeGiB * 2 ** 30 };
  writeFileSync(recordFile(folder), JSON.stringify(record));
}

/** Removes a volume; a rootfs is unmounted first, which fails while a guest runs on it. */
export async function removeVolume(place: Place, node: string, volid: string): Promise<void> {
  const target = volumePath(place, node, volid);
  if (existsSync(recordFile(target))) {
    const { vmid } = readRecord(target);
    await onHostMust(place, node, ["lab-rootfs", "unmount", String(vmid)]);
  }
  rmSync(target, { recursive: true, force: true });
  // A dir storage keeps a folder per guest only while it has images.
  const parent = path.dirname(target);
  if (/^\d+$/.test(path.basename(parent)) && namesIn(parent).length === 0) {
    rmSync(parent, { recursive: true });
  }
}
