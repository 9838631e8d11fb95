/** The lab's world as the API sees it: nodes are namespaces, guests are LXC containers. */
import { statfsSync, statSync } from "node:fs";
import { cpus, totalmem } from "node:os";

import {
  BackendError,
  type Backend,
  type CommandResult,
  type GuestInterface,
  type GuestState,
  type NodeStats,
  type RootfsSpec,
  type Storage,
  type Volume,
} from "./backend";
import { Guests, hasInterface, isMounted } from "../world/guests";
import { initOf, onHost, onHostRun } from "../world/host";
import { Links } from "../world/links";
import { clusterFolder, type Place } from "../world/place";
import { listBelow, readBelow, removeBelow, writeBelow } from "../world/rooted-files";
import { createRootfs, mountRootfs, removeVolume, resizeVolume } from "../world/rootfs";
import { storages, volumes } from "../world/storage";
import { nodesOf } from "../world/topology";
import { memoryUse, processorTime, uptimeOf } from "../world/usage";
import { templatePath } from "../world/volume-path";

/** The HTTP status with which Proxmox's proxy answers for a node that it cannot reach. */
const NODE_UNREACHABLE = 595;

/** The cluster's file system on every node. */
const CLUSTER = "/etc/pve/";

/** Backend over a running lab. */
export class LxcBackend implements Backend {
  readonly nodes: readonly string[];
  private readonly guestsOf: ReadonlyMap<string, Guests>;
  private readonly samples = new Map<string, { readonly at: number; readonly used: number }>();

  constructor(private readonly place: Place) {
    this.nodes = nodesOf(place).map(({ name }) => name);
    const links = new Links();
    this.guestsOf = new Map(this.nodes.map((node) => [node, new Guests(place, node, links)]));
  }

  private guests(node: string): Guests {
    const guests = this.guestsOf.get(node);
    if (guests === undefined) throw new BackendError(`no such cluster node '${node}'`);
    if (initOf(this.place, node) === undefined) {
      throw new BackendError("No route to host", NODE_UNREACHABLE);
    }
    return guests;
  }

  /** The node's root folder as this process can open it. */
  private root(node: string): string {
    this.guests(node);
    return onHost(this.place, node, "");
  }

  stats(node: string): Promise<NodeStats> {
    const { place } = this;
    const init = initOf(place, node);
    const size = { maxcpu: cpus().length, maxmem: totalmem() };
    if (init === undefined) {
      const none = { cpu: 0, mem: 0, uptime: 0, disk: 0, maxdisk: 0 };
      return Promise.resolve({ online: false, ...none, ...size });
    }
    const { bsize, blocks, bfree } = statfsSync(onHost(place, node, "/"));
    const disk = { disk: (blocks - bfree) * bsize, maxdisk: blocks * bsize };
    const now = { at: Date.now() / 1000, used: processorTime(place, node) };
    const uptime = uptimeOf(init) ?? 0;
    const last = this.samples.get(node) ?? { at: now.at - uptime, used: 0 };
    this.samples.set(node, now);
    const passed = now.at - last.at;
    const cpu = passed > 0 ? Math.max(0, (now.used - last.used) / passed / size.maxcpu) : 0;
    const mem = memoryUse(place, node);
    return Promise.resolve({
      online: true,
      cpu,
      mem,
      uptime: Math.floor(uptime),
      ...disk,
      ...size,
    });
  }

  readFile(node: string, path: string): Promise<string | undefined> {
    return answer(() => readBelow(...this.below(node, path)));
  }

  writeFile(node: string, path: string, text: string): Promise<void> {
    return answer(() => {
      this.assertQuorum(path);
      writeBelow(...this.below(node, path), text);
    });
  }

  removeFile(node: string, path: string): Promise<void> {
    return answer(() => {
      this.assertQuorum(path);
      removeBelow(...this.below(node, path));
    });
  }

  listFiles(node: string, folder: string): Promise<readonly string[]> {
    return answer(() => listBelow(...this.below(node, folder)));
  }

  /** Root folder and path of a node's file; the cluster's files are there while the node is off. */
  private below(node: string, path: string): [string, string] {
    if (path.startsWith(CLUSTER)) {
      return [clusterFolder(this.place), path.slice(CLUSTER.length - 1)];
    }
    return [this.root(node), path];
  }

  /** As in a real cluster, nothing of it changes unless more than half of the nodes are up. */
  private assertQuorum(path: string): void {
    if (!path.startsWith(CLUSTER)) return;
    const up = this.nodes.filter((node) => initOf(this.place, node) !== undefined);
    if (up.length * 2 <= this.nodes.length)
      throw new BackendError("cluster not ready - no quorum?");
  }

  hasInterface(node: string, name: string): Promise<boolean> {
    this.guests(node);
    return answer(() => hasInterface(this.place, node, name));
  }

  async reloadNetwork(node: string): Promise<CommandResult> {
    this.guests(node);
    const { code, stdout, stderr } = await onHostRun(this.place, node, ["ifreload", "-a"]);
    return { code, output: stdout + stderr };
  }

  storages(node: string): Promise<readonly Storage[]> {
    return answer(() => storages(this.place, node));
  }

  volumes(node: string, storage: string): Promise<readonly Volume[]> {
    return answer(() => volumes(this.place, node, storage));
  }

  createRootfs(node: string, spec: RootfsSpec): Promise<string> {
    this.guests(node);
    return createRootfs(this.place, node, spec);
  }

  resizeRootfs(
    node: string,
    volid: string,
    size: { readonly bytes: number; readonly withFileSystem: boolean },
  ): Promise<void> {
    this.guests(node);
    return resizeVolume(this.place, node, volid, size);
  }

  removeVolume(node: string, volid: string): Promise<void> {
    this.guests(node);
    return removeVolume(this.place, node, volid);
  }

  async download(node: string, storage: string, file: string, url: string): Promise<void> {
    const target = templatePath(storage, file);
    const script = 'mkdir -p "${2%/*}" && curl -fsSL -o "$2.tmp" -- "$1" && mv "$2.tmp" "$2"';
    await this.fetch(node, ["sh", "-c", script, "sh", url, target], url);
  }

  async urlMetadata(
    node: string,
    url: string,
  ): Promise<{ filename: string; size: number; mimetype: string }> {
    const form = "%header{content-length}\n%{content_type}\n";
    const head = ["curl", "-fsSIL", "-o", "/dev/null", "-w", form, "--", url];
    const [size = "", mimetype = ""] = (await this.fetch(node, head, url)).split("\n");
    const filename = new URL(url).pathname.split("/").at(-1) ?? "";
    return { filename, size: Number(size), mimetype };
  }

  private async fetch(node: string, command: readonly string[], url: string): Promise<string> {
    this.guests(node);
    const { code, stdout, stderr } = await onHostRun(this.place, node, command);
    if (code !== 0) throw new BackendError(`download of '${url}' failed: ${stderr.trim()}`);
    return stdout;
  }

  async readGuestFile(node: string, vmid: number, path: string): Promise<string | undefined> {
    const { root } = await this.rootfs(node, vmid);
    return readBelow(root, path);
  }

  async writeGuestFile(node: string, vmid: number, path: string, text: string): Promise<void> {
    const { root, owner } = await this.rootfs(node, vmid);
    writeBelow(root, path, text, owner);
  }

  /** The guest's rootfs, mounted, and the id of its root. */
  private async rootfs(node: string, vmid: number): Promise<{ root: string; owner: number }> {
    const root = `${this.root(node)}/var/lib/lxc/${vmid}/rootfs`;
    if (!isMounted(this.place, node, vmid)) await mountRootfs(this.place, node, vmid);
    return { root, owner: statSync(root).uid };
  }

  startGuest(node: string, vmid: number, lxcConfig: string): Promise<void> {
    return this.guests(node).start(vmid, lxcConfig);
  }

  shutdownGuest(
    node: string,
    vmid: number,
    { force, timeoutSeconds }: { readonly force: boolean; readonly timeoutSeconds: number },
  ): Promise<void> {
    return this.guests(node).shutdown(vmid, force, timeoutSeconds);
  }

  stopGuest(node: string, vmid: number): Promise<void> {
    return this.guests(node).stop(vmid);
  }

  guestState(node: string, vmid: number): Promise<GuestState> {
    return answer(() => this.guests(node).state(vmid));
  }

  guestInterfaces(node: string, vmid: number): Promise<readonly GuestInterface[]> {
    return this.guests(node).interfaces(vmid);
  }
}

/** A synchronous answer as the promise that the interface asks for; what it throws rejects. */
const answer = async <T>(operation: () => T): Promise<T> => Promise.resolve(operation());
