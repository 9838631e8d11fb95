/** What happens by itself in a real cluster when nodes go or a storage is full. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { initOf, onHostMust } from "./host";
import type { Place } from "./place";
import { ballast } from "./rootfs";
import { readRecord, rootfsVolumes, storages } from "./storage";
import { storedFaults } from "./stored-faults";
import { nodesOf } from "./topology";
import { volumePath, type StorageName } from "./volume-path";

const STORAGES: readonly StorageName[] = ["local", "local-lvm"];

/** How often it is looked whether something is to be done, in milliseconds. */
const INTERVAL_MS = 500;

/** Looks again and again, as long as the lab's server lives. */
export function watchWorld(place: Place, log: (line: string) => void): void {
  const look = async (): Promise<void> => {
    try {
      await applyQuorum(place);
      await applyFullStorages(place);
    } catch (error) {
      log(`watch: ${error instanceof Error ? error.message : String(error)}`);
    }
    setTimeout(() => void look(), INTERVAL_MS).unref();
  };
  void look();
}

/** Without more than half of the nodes /etc/pve is read-only on all that run, and writable again with them. */
export async function applyQuorum(place: Place): Promise<void> {
  const nodes = nodesOf(place).map(({ name }) => ({ name, init: initOf(place, name) }));
  const up = nodes.flatMap(({ name, init }) => (init === undefined ? [] : [{ name, init }]));
  const wanted = up.length * 2 > nodes.length ? "rw" : "ro";
  for (const { name, init } of up) {
    const mounts = readFileSync(`/proc/${init}/mounts`, "utf8");
    const present = / \/etc\/pve \S+ (ro|rw)\b/.exec(mounts)?.[1];
    if (present === undefined || present === wanted) continue;
    await onHostMust(place, name, ["mount", "-o", `remount,bind,${wanted}`, "/etc/pve"]);
  }
}

/** Mark next to a disk that was filled up because its storage was full. */
const markOf = (folder: string): string => path.join(folder, "storage-full");

/**
 * A full storage has no block for any guest: as soon as the written disks come to the size that a fault gave
 * their storage, each of them is full to the guest, until there is room again.
 */
export async function applyFullStorages(place: Place): Promise<void> {
  const faults = storedFaults(place);
  for (const { name: node } of nodesOf(place)) {
    if (initOf(place, node) === undefined) continue;
    for (const storage of STORAGES) {
      const isLimited = faults.some(
        ({ kind, target }) => kind === "storage" && target === `${node}/${storage}`,
      );
      const isFull = isLimited && isUsedUp(place, node, storage);
      for (const volid of rootfsVolumes(place, node, storage)) {
        await applyToDisk(place, volumePath(place, node, volid), isFull);
      }
    }
  }
}

function isUsedUp(place: Place, node: string, name: StorageName): boolean {
  const storage = storages(place, node).find((entry) => entry.storage === name);
  return storage !== undefined && storage.used >= storage.total;
}

async function applyToDisk(place: Place, folder: string, isFull: boolean): Promise<void> {
  const isMarked = existsSync(markOf(folder));
  if (isFull === isMarked) return;
  const { vmid } = readRecord(folder);
  if (isFull) writeFileSync(markOf(folder), "");
  const isOrdered = storedFaults(place).some(
    ({ kind, target }) => kind === "disk" && target === String(vmid),
  );
  if (!isOrdered) await ballast(place, vmid, isFull ? "fill" : "free");
  if (!isFull) rmSync(markOf(folder), { force: true });
}
