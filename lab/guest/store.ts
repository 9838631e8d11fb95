import { createHash } from "node:crypto";

import { BackendError, type Backend } from "../backend/backend";
import { delayed, type Faults } from "../fault/faults";
import { formatGuestConfig, parseGuestConfig, type GuestConfigFile } from "../pve/guest-config";
import { KeyedLock } from "./keyed-lock";

/** Guests of a lab: their config files under /etc/pve/nodes, and one lock per guest. */
export class GuestStore {
  private readonly lock: KeyedLock;

  /** `lockTimeoutMs`: how long an operation waits for another one on the same guest; Proxmox waits 10 s. */
  constructor(
    private readonly backend: Backend,
    lockTimeoutMs: number,
    private readonly faults: Faults,
  ) {
    this.lock = new KeyedLock(lockTimeoutMs);
  }

  /** Runs one operation on a guest at a time; throws Proxmox's words when the lock stays taken. */
  locked<T>(vmid: number, operation: () => Promise<T>): Promise<T> {
    const file = `/run/lock/lxc/pve-config-${vmid}.lock`;
    const fault = this.faults.meet("lock", String(vmid));
    if (fault !== undefined) {
      // Somebody else, whose own waiting in vain is nobody's concern.
      this.lock.run(file, () => delayed(fault, "hold")).catch(() => undefined);
    }
    return this.lockedFile(file, operation);
  }

  /** The same for a file that is not a guest's configuration. */
  lockedFile<T>(path: string, operation: () => Promise<T>): Promise<T> {
    return this.lock.run(path, operation);
  }

  /** Ids of the guests of a node, ascending. */
  async vmids(node: string): Promise<readonly number[]> {
    const names = await this.backend.listFiles(node, folder(node));
    return names
      .flatMap((name) => /^([1-9]\d{2,8})\.conf$/.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  /** The node that a guest is on, or undefined when the id is free. */
  async nodeOf(vmid: number): Promise<string | undefined> {
    for (const node of this.backend.nodes) {
      if ((await this.backend.readFile(node, pathOf(node, vmid))) !== undefined) return node;
    }
    return undefined;
  }

  /** Throws when an id is taken, in the words that clients look for (docs/proxmox/provider-calls.md 1.2). */
  async assertFree(vmid: number): Promise<void> {
    const node = await this.nodeOf(vmid);
    if (node !== undefined) throw new BackendError(`CT ${vmid} already exists on node '${node}'`);
  }

  /** The config of a guest; a missing one is Proxmox's HTTP 500 with "does not exist". */
  async load(node: string, vmid: number): Promise<GuestConfigFile> {
    return parseGuestConfig(await this.text(node, vmid));
  }

  /** SHA-1 of the config file, for optimistic locking. */
  async digest(node: string, vmid: number): Promise<string> {
    return createHash("sha1")
      .update(await this.text(node, vmid))
      .digest("hex");
  }

  async save(node: string, vmid: number, file: GuestConfigFile): Promise<void> {
    await this.backend.writeFile(node, pathOf(node, vmid), formatGuestConfig(file));
  }

  async remove(node: string, vmid: number): Promise<void> {
    await this.backend.removeFile(node, pathOf(node, vmid));
  }

  private async text(node: string, vmid: number): Promise<string> {
    const text = await this.backend.readFile(node, pathOf(node, vmid));
    if (text !== undefined) return text;
    throw new BackendError(`Configuration file 'nodes/${node}/lxc/${vmid}.conf' does not exist`);
  }
}

const folder = (node: string): string => `/etc/pve/nodes/${node}/lxc`;
const pathOf = (node: string, vmid: number): string => `${folder(node)}/${vmid}.conf`;

/** Throws when a config carries a `lock`, as an operation on it is then under way. */
export function assertUnlocked(file: GuestConfigFile): void {
  const lock = file.current.keys.get("lock");
  if (lock !== undefined) throw new BackendError(`CT is locked (${lock})`);
}

/** The file with other keys in its main section. */
export function withKeys(
  file: GuestConfigFile,
  keys: ReadonlyMap<string, string>,
): GuestConfigFile {
  return { ...file, current: { ...file.current, keys } };
}
