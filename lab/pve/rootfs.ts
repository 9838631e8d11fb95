import { BackendError } from "../backend/backend";
import type { PropertyFormat } from "../schema/schema";
import { parsePropertyString, printPropertyString } from "./property-string";

const flag = { type: "boolean", optional: 1 };

/** Keys that a root disk and a mount point have in common. */
export const VOLUME_OPTIONS: PropertyFormat = {
  volume: { type: "string", default_key: 1, format: "pve-lxc-mp-string" },
  size: { type: "string", optional: 1, format: "disk-size" },
  mountoptions: {
    type: "string",
    optional: 1,
    pattern:
      "(?:discard|lazytime|noatime|nodev|noexec|nosuid)(?:;(?:discard|lazytime|noatime|nodev|noexec|nosuid))*",
  },
  acl: flag,
  quota: flag,
  replicate: flag,
  ro: flag,
  shared: flag,
};

const ROOTFS_FORMAT = VOLUME_OPTIONS;

const UNITS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Bytes of a Proxmox disk size such as `8G`; without a unit it is bytes already. */
export function parseDiskSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(text);
  if (match === null) throw new BackendError(`unable to parse disk size '${text}'`, 400);
  return Math.ceil(Number(match[1]) * (UNITS[match[2] ?? ""] ?? 1));
}

/** A size in the largest unit that divides it, as Proxmox prints it. */
export function formatDiskSize(bytes: number): string {
  for (const unit of ["T", "G", "M", "K"]) {
    const size = UNITS[unit] ?? 1;
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}

/** What `rootfs` asks for at creation: a new volume of a storage, and the options to keep. */
export interface RootfsRequest {
  readonly storage: string;
  readonly sizeGiB: number;
  readonly options: ReadonlyMap<string, string>;
}

/** Reads `STORAGE:GB[,options]` of a create call; a bare number takes the default storage. */
export function parseRootfsRequest(value: string | undefined, storage: string): RootfsRequest {
  // Proxmox makes 4 GB when only a storage is named.
  if (value === undefined) return { storage, sizeGiB: 4, options: new Map() };
  const text = /^\d+(?:\.\d+)?$/.test(value) ? `${storage}:${value}` : value;
  const values = parsePropertyString("rootfs", ROOTFS_FORMAT, text);
  const volume = /^([^:\s]+):(\d+(?:\.\d+)?)$/.exec(values.get("volume") ?? "");
  if (volume?.[1] === undefined) {
    throw new BackendError(
      `unable to use '${values.get("volume") ?? ""}' as rootfs: only new volumes (STORAGE:GB) are implemented in the lab`,
      501,
    );
  }
  values.delete("volume");
  values.delete("size");
  return { storage: volume[1], sizeGiB: Number(volume[2]), options: values };
}

/** The stored `rootfs` text: volume first, then its options and size. */
export function printRootfs(
  volid: string,
  bytes: number,
  options: ReadonlyMap<string, string>,
): string {
  const values = new Map([...options, ["volume", volid], ["size", formatDiskSize(bytes)]] as const);
  return printPropertyString(ROOTFS_FORMAT, values);
}

/** Reads a stored `rootfs` text. */
export function parseRootfs(value: string): {
  readonly volid: string;
  readonly bytes: number;
  readonly options: ReadonlyMap<string, string>;
} {
  const values = parsePropertyString("rootfs", ROOTFS_FORMAT, value);
  const volid = values.get("volume") ?? "";
  const bytes = parseDiskSize(values.get("size") ?? "0");
  values.delete("volume");
  values.delete("size");
  return { volid, bytes, options: values };
}
