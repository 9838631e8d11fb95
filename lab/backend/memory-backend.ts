import { BackendError, type Backend, type RootfsSpec, type Storage, type Volume } from "./backend";
import { freshGuest, freshNode, type MemoryFiles } from "../memory/files";
import { MemoryGuests } from "../memory/guests";
import { parseInterfaces } from "../pve/interfaces-file";

/** The container template that every lab has. */
export const TEMPLATE = "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst";

const GIB = 2 ** 30;

/** Seconds since 1970. */
const now = (): number => Math.floor(Date.now() / 1000);

/** The kernel's limit, which the network API does not know (docs/proxmox/provider-calls.md 2.1). */
const LONGEST_INTERFACE = 15;

/** How the memory lab behaves. */
export interface MemoryOptions {
  readonly nodes?: readonly string[];
  /** After how many reads of its interfaces a guest with `dhcp` has its address. */
  readonly dhcpReads?: number;
}

interface MemoryNode {
  readonly files: MemoryFiles;
  readonly guests: MemoryGuests;
  readonly volumes: Map<string, Volume>;
  /** Interfaces that the last reload brought up. */
  interfaces: ReadonlySet<string>;
}

/** Interfaces of the live file and of interfaces.d, which only a reload reads. */
function configuredInterfaces(files: MemoryFiles): ReadonlySet<string> {
  const folder = "/etc/network/interfaces.d";
  const paths = files.list(folder).map((name) => `${folder}/${name}`);
  const texts = ["/etc/network/interfaces", ...paths].map((path) => files.read(path) ?? "");
  return new Set(texts.flatMap((text) => parseInterfaces(text).stanzas.map(({ iface }) => iface)));
}

function freshMemoryNode(node: string, dhcpReads: number): MemoryNode {
  const files = freshNode(node);
  const template: Volume = {
    volid: TEMPLATE,
    content: "vztmpl",
    format: "tzst",
    size: 126_515_062,
    ctime: now(),
  };
  return {
    files,
    guests: new MemoryGuests(dhcpReads),
    volumes: new Map([[template.volid, template]]),
    interfaces: configuredInterfaces(files),
  };
}

const STORAGES: readonly Omit<Storage, "used">[] = [
  {
    storage: "local",
    type: "dir",
    content: ["vztmpl", "iso", "backup", "snippets", "rootdir"],
    total: 100 * GIB,
  },
  { storage: "local-lvm", type: "lvmthin", content: ["rootdir"], total: 200 * GIB },
];

/** A lab without a world: everything in memory, for unit tests and quick previews. */
export class MemoryBackend implements Backend {
  private readonly state: ReadonlyMap<string, MemoryNode>;
  private readonly started = Date.now();

  constructor({ nodes = ["pve1"], dhcpReads = 1 }: MemoryOptions = {}) {
    this.state = new Map(nodes.map((node) => [node, freshMemoryNode(node, dhcpReads)]));
  }

  get nodes(): readonly string[] {
    return [...this.state.keys()];
  }

  private node(name: string): MemoryNode {
    const node = this.state.get(name);
    if (node === undefined) throw new BackendError(`no such cluster node '${name}'`);
    return node;
  }

  async stats(): Promise<Awaited<ReturnType<Backend["stats"]>>> {
    const uptime = Math.floor((Date.now() - this.started) / 1000) + 1;
    const memory = { mem: 2 * GIB, maxmem: 16 * GIB, disk: 3 * GIB, maxdisk: 64 * GIB };
    return Promise.resolve({ online: true, cpu: 0.05, maxcpu: 4, ...memory, uptime });
  }

  async readFile(node: string, path: string): Promise<string | undefined> {
    return Promise.resolve(this.node(node).files.read(path));
  }

  async writeFile(node: string, path: string, text: string): Promise<void> {
    for (const owner of this.owners(node, path)) owner.files.write(path, text);
    return Promise.resolve();
  }

  async removeFile(node: string, path: string): Promise<void> {
    for (const owner of this.owners(node, path)) owner.files.remove(path);
    return Promise.resolve();
  }

  async listFiles(node: string, folder: string): Promise<readonly string[]> {
    return Promise.resolve(this.node(node).files.list(folder));
  }

  /** /etc/pve is one file system for all nodes; everything else is a node's own. */
  private owners(node: string, path: string): readonly MemoryNode[] {
    const own = this.node(node);
    return path.startsWith("/etc/pve/") ? [...this.state.values()] : [own];
  }

  async hasInterface(node: string, name: string): Promise<boolean> {
    return Promise.resolve(this.node(node).interfaces.has(name));
  }

  async reloadNetwork(node: string): Promise<{ code: number; output: string }> {
    const own = this.node(node);
    const wanted = configuredInterfaces(own.files);
    const failed = [...wanted].filter((name) => name.length > LONGEST_INTERFACE);
    own.interfaces = new Set([...wanted].filter((name) => !failed.includes(name)));
    const output = failed.map((name) => `error: ${name}: interface name too long\n`).join("");
    return Promise.resolve({ code: failed.length === 0 ? 0 : 1, output });
  }

  async storages(node: string): Promise<readonly Storage[]> {
    const volumes = [...this.node(node).volumes.values()];
    return Promise.resolve(
      STORAGES.map((storage) => {
        const own = volumes.filter(({ volid }) => volid.startsWith(`${storage.storage}:`));
        return { ...storage, used: own.reduce((sum, { size }) => sum + size, 0) };
      }),
    );
  }

  async volumes(node: string, storage: string): Promise<readonly Volume[]> {
    const all = [...this.node(node).volumes.values()];
    return Promise.resolve(all.filter(({ volid }) => volid.startsWith(`${storage}:`)));
  }

  async createRootfs(node: string, spec: RootfsSpec): Promise<string> {
    const { volumes, guests } = this.node(node);
    if (!volumes.has(spec.template)) {
      throw new BackendError(`volume '${spec.template}' does not exist`);
    }
    const isDirectory = spec.storage === "local";
    const name = `vm-${spec.vmid}-disk-0`;
    const volid = isDirectory ? `local:${spec.vmid}/${name}.raw` : `${spec.storage}:${name}`;
    const size = spec.sizeGiB * GIB;
    const made = { ctime: now(), vmid: spec.vmid };
    volumes.set(volid, { volid, content: "rootdir", format: "raw", size, ...made });
    guests.add(spec.vmid, freshGuest(), size);
    return Promise.resolve(volid);
  }

  async resizeRootfs(
    node: string,
    volid: string,
    { bytes, withFileSystem }: { readonly bytes: number; readonly withFileSystem: boolean },
  ): Promise<void> {
    const { volumes, guests } = this.node(node);
    const volume = volumes.get(volid);
    if (volume === undefined) throw new BackendError(`volume '${volid}' does not exist`);
    volumes.set(volid, { ...volume, size: bytes });
    if (withFileSystem && volume.vmid !== undefined) guests.grow(volume.vmid, bytes);
    return Promise.resolve();
  }

  async removeVolume(node: string, volid: string): Promise<void> {
    const { volumes, guests } = this.node(node);
    const volume = volumes.get(volid);
    if (volume?.vmid !== undefined) guests.remove(volume.vmid);
    volumes.delete(volid);
    return Promise.resolve();
  }

  async download(node: string, storage: string, file: string): Promise<void> {
    const volid = `${storage}:vztmpl/${file}`;
    const volume: Volume = { volid, content: "vztmpl", format: "tzst", size: 1024, ctime: now() };
    this.node(node).volumes.set(volid, volume);
    return Promise.resolve();
  }

  async urlMetadata(
    _node: string,
    url: string,
  ): Promise<{ filename: string; size: number; mimetype: string }> {
    const filename = new URL(url).pathname.split("/").at(-1) ?? "";
    return Promise.resolve({ filename, size: 1024, mimetype: "application/octet-stream" });
  }

  async readGuestFile(node: string, vmid: number, path: string): Promise<string | undefined> {
    return Promise.resolve(this.node(node).guests.files(vmid).read(path));
  }

  async writeGuestFile(node: string, vmid: number, path: string, text: string): Promise<void> {
    this.node(node).guests.files(vmid).write(path, text);
    return Promise.resolve();
  }

  async startGuest(node: string, vmid: number, lxcConfig: string): Promise<void> {
    const { guests, interfaces } = this.node(node);
    guests.start(vmid, lxcConfig, interfaces);
    return Promise.resolve();
  }

  async shutdownGuest(node: string, vmid: number): Promise<void> {
    return this.stopGuest(node, vmid);
  }

  async stopGuest(node: string, vmid: number): Promise<void> {
    this.node(node).guests.stop(vmid);
    return Promise.resolve();
  }

  async guestState(node: string, vmid: number): ReturnType<Backend["guestState"]> {
    return Promise.resolve(this.node(node).guests.state(vmid));
  }

  async guestInterfaces(node: string, vmid: number): ReturnType<Backend["guestInterfaces"]> {
    return Promise.resolve(this.node(node).guests.interfaces(vmid));
  }
}
