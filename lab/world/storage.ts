/** A node's storages: folders on the machine, one per volume. */
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";

import type { Storage, Volume } from "../backend/backend";
import type { Bind } from "./host";
import {
  clusterFolder,
  logsOf,
  socketFolder,
  storageFolder,
  unpackedFolder,
  type Place,
} from "./place";
import { storedFaults } from "./stored-faults";
import {
  FOLDERS,
  namesIn,
  ON_NODE,
  storageName,
  volumePath,
  type StorageName,
} from "./volume-path";

const GIB = 2 ** 30;

/** Totals are those of a small node; what the machine itself has left is not looked at. */
const STORAGES: Readonly<Record<StorageName, Omit<Storage, "used">>> = {
  local: {
    storage: "local",
    type: "dir",
    content: ["vztmpl", "iso", "backup", "snippets", "rootdir"],
    total: 100 * GIB,
  },
  "local-lvm": { storage: "local-lvm", type: "lvmthin", content: ["rootdir"], total: 200 * GIB },
};

/** What a rootfs volume was created from; stored next to its files. */
export interface VolumeRecord {
  readonly vmid: number;
  readonly bytes: number;
  /** How many of the bytes the template's files take. */
  readonly template: number;
  /** Name of the unpacked template under the volume's own files. */
  readonly lower: string;
  readonly unprivileged: boolean;
}

/** Folders of the machine that appear on a node. */
export const nodeBinds = (place: Place, node: string): readonly Bind[] => [
  { source: clusterFolder(place), target: "/etc/pve" },
  { source: path.join(storageFolder(place, node), "local"), target: ON_NODE.local },
  { source: path.join(storageFolder(place, node), "local-lvm"), target: ON_NODE["local-lvm"] },
  { source: unpackedFolder(place), target: ON_NODE.unpacked },
  { source: socketFolder(place, node), target: "/run/pve-lab" },
  { source: path.join(logsOf(place), node), target: "/var/log/lab" },
];

/** File with a rootfs volume's record. */
export const recordFile = (folder: string): string => path.join(folder, "volume.json");

/** What a rootfs volume was made of. */
export function readRecord(folder: string): VolumeRecord {
  const record: unknown = JSON.parse(readFileSync(recordFile(folder), "utf8"));
  if (isRecord(record)) return record;
  throw new Error(`${recordFile(folder)} is not a volume's record.`);
}

const isRecord = (value: unknown): value is VolumeRecord =>
  typeof value === "object" &&
  value !== null &&
  "vmid" in value &&
  "bytes" in value &&
  "template" in value &&
  "lower" in value &&
  "unprivileged" in value;

/** The node's storages. Both are thin: a disk takes what was written to it, its template included. */
export function storages(place: Place, node: string): readonly Storage[] {
  const faults = storedFaults(place).filter(({ kind }) => kind === "storage");
  return Object.values(STORAGES).map((storage) => {
    const name = storageName(storage.storage);
    const size = faults.findLast(({ target }) => target === `${node}/${name}`)?.value;
    const total = size === undefined ? storage.total : Math.round(Number(size) * GIB);
    return { ...storage, total, used: Math.min(usedBytes(place, node, name), total) };
  });
}

function usedBytes(place: Place, node: string, storage: StorageName): number {
  const sizes = volumes(place, node, storage).map(({ volid, content, size }) => {
    if (content !== "rootdir") return size;
    const folder = volumePath(place, node, volid);
    const disk = path.join(folder, "disk.img");
    const written = existsSync(disk) ? statSync(disk).blocks * 512 : 0;
    return written + readRecord(folder).template;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Volume ids of rootfs volumes on a storage. */
export function rootfsVolumes(place: Place, node: string, storage: StorageName): readonly string[] {
  const folder = path.join(storageFolder(place, node), storage);
  if (storage === "local-lvm") return namesIn(folder).map((name) => `local-lvm:${name}`);
  const images = path.join(folder, "images");
  return namesIn(images).flatMap((vmid) =>
    namesIn(path.join(images, vmid)).map((name) => `local:${vmid}/${name}`),
  );
}

/** When a file was last changed, in seconds since 1970. */
const secondsOf = (file: string): number => Math.floor(statSync(file).ctimeMs / 1000);

/** Everything on a storage. */
export function volumes(place: Place, node: string, name: string): readonly Volume[] {
  const storage = storageName(name);
  const disks = rootfsVolumes(place, node, storage).map((volid): Volume => {
    const folder = volumePath(place, node, volid);
    const { bytes, vmid } = readRecord(folder);
    const ctime = secondsOf(folder);
    return { volid, content: "rootdir", format: "raw", size: bytes, ctime, vmid };
  });
  if (storage === "local-lvm") return disks;
  const files = (["vztmpl", "iso", "backup", "snippets"] as const).flatMap((content) => {
    const folder = path.join(storageFolder(place, node), storage, FOLDERS[content] ?? content);
    return namesIn(folder).map((file): Volume => {
      const format = content === "vztmpl" ? `t${path.extname(file).slice(1)}` : content;
      const { size } = statSync(path.join(folder, file));
      const ctime = secondsOf(path.join(folder, file));
      return { volid: `local:${content}/${file}`, content, format, size, ctime };
    });
  });
  return [...files, ...disks];
}
