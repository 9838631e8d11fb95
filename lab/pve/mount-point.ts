import type { PropertyFormat } from "../schema/schema";
import { parsePropertyString, printPropertyString } from "./property-string";
import { VOLUME_OPTIONS } from "./rootfs";

const flag = { type: "boolean", optional: 1 };

/** Keys of `mpN` (pve-container, src/PVE/LXC/Config.pm). */
export const MOUNT_POINT_FORMAT: PropertyFormat = {
  ...VOLUME_OPTIONS,
  mp: { type: "string", format: "pve-lxc-mp-string" },
  backup: flag,
  keepattrs: flag,
};

/** Keys of `devN` (pve-container, src/PVE/LXC/Config.pm). */
const DEVICE_FORMAT: PropertyFormat = {
  path: { type: "string", optional: 1, default_key: 1, format: "pve-lxc-dev-string" },
  mode: { type: "string", optional: 1, pattern: "0[0-7]{3}" },
  uid: { type: "integer", optional: 1, minimum: 0 },
  gid: { type: "integer", optional: 1, minimum: 0 },
  "deny-write": flag,
};

/** One `mpN`: what is mounted where, and whether the guest may only read it. */
export interface MountPoint {
  readonly volume: string;
  /** Folder in the guest. */
  readonly target: string;
  readonly readOnly: boolean;
}

/** Reads an `mpN` text; a wrong one is a 400. */
export function parseMountPoint(key: string, value: string): MountPoint {
  const values = parsePropertyString(key, MOUNT_POINT_FORMAT, value);
  return {
    volume: values.get("volume") ?? "",
    target: values.get("mp") ?? "",
    readOnly: values.get("ro") === "1",
  };
}

/** An `mpN` text as Proxmox stores it: volume first, then its folder, then the rest sorted. */
export const printMountPoint = (key: string, value: string): string =>
  printPropertyString(MOUNT_POINT_FORMAT, parsePropertyString(key, MOUNT_POINT_FORMAT, value));

/** The device that a `devN` text names; undefined when it names none, a wrong text is a 400. */
export const devicePath = (key: string, value: string): string | undefined =>
  parsePropertyString(key, DEVICE_FORMAT, value).get("path");
