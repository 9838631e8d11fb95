/** Volume ids and the places they stand for, on the machine and on the node. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

import { BackendError } from "../backend/backend";
import { storageFolder, type Place } from "./place";

/** Where a node's storages and the unpacked templates appear on the node. */
export const ON_NODE = {
  local: "/var/lib/vz",
  "local-lvm": "/var/lib/pve-lab/local-lvm",
  unpacked: "/var/lib/pve-lab/unpacked",
} as const;

/** The storages of every node. */
export type StorageName = "local" | "local-lvm";

/** The storage of this name; Proxmox's words when there is none. */
export function storageName(name: string): StorageName {
  if (name === "local" || name === "local-lvm") return name;
  throw new BackendError(`storage '${name}' does not exist`);
}

/** A volume id's parts; the path is below the storage's folder. */
interface Location {
  readonly storage: StorageName;
  readonly path: string;
}

/** Volume ids by storage: `local:vztmpl/X`, `local:100/vm-100-disk-0.raw`, `local-lvm:vm-100-disk-0`. */
const VOLUME_IDS: readonly (readonly [StorageName, RegExp, (kind: string) => string])[] = [
  ["local", /^(vztmpl|iso|backup|snippets)\/(?!\.\.?$)([^/]+)$/, (kind) => FOLDERS[kind] ?? kind],
  ["local", /^(\d+)\/(vm-\d+-disk-\d+\.raw)$/, (vmid) => path.join("images", vmid)],
  ["local-lvm", /^()(vm-\d+-disk-\d+)$/, () => ""],
];

/** Storage and path of a volume id; Proxmox's words when it is not one. */
export function locate(volid: string): Location {
  const [, name = "", rest = ""] = /^([^:]+):(.+)$/.exec(volid) ?? [];
  for (const [storage, form, folder] of VOLUME_IDS) {
    const [, kind = "", file] = (storage === name && form.exec(rest)) || [];
    if (file !== undefined) return { storage, path: path.join(folder(kind), file) };
  }
  throw new BackendError(`unable to parse volume ID '${volid}'`);
}

/** Folder of each kind of file on a dir storage, as on Proxmox. */
export const FOLDERS: Readonly<Record<string, string>> = {
  vztmpl: "template/cache",
  iso: "template/iso",
  backup: "dump",
  snippets: "snippets",
};

/** Folder or file of a volume on the machine. */
export const volumePath = (place: Place, node: string, volid: string): string => {
  const { storage, path: below } = locate(volid);
  return path.join(storageFolder(place, node), storage, below);
};

/** Names in a folder, sorted; none when it does not exist. */
export const namesIn = (folder: string): readonly string[] =>
  existsSync(folder) ? readdirSync(folder).sort() : [];

/** Path on the node of a template about to be downloaded. */
export function templatePath(storage: string, file: string): string {
  const located = locate(`${storage}:vztmpl/${file}`);
  return `${ON_NODE[located.storage]}/${located.path}`;
}
