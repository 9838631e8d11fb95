/** What stands behind the lab's API: node files, guests and storage, as one replaceable seam. */

/**
 * Answers of the API that name a problem; `status` is the HTTP status Proxmox would use, `errors` one
 * text per parameter.
 */
export class BackendError extends Error {
  constructor(
    message: string,
    readonly status: number = 500,
    readonly errors?: Readonly<Record<string, string>>,
  ) {
    super(message);
  }
}

/** Load and size of one node; memory in bytes, cpu as a fraction of all cores. */
export interface NodeStats {
  readonly online: boolean;
  readonly cpu: number;
  readonly maxcpu: number;
  readonly mem: number;
  readonly maxmem: number;
  readonly uptime: number;
  /** The node's own root file system, in bytes. */
  readonly disk: number;
  readonly maxdisk: number;
}

/** One volume of a storage; size in bytes, ctime in seconds since 1970. */
export interface Volume {
  readonly volid: string;
  readonly content: "vztmpl" | "iso" | "rootdir" | "backup" | "snippets";
  readonly format: string;
  readonly size: number;
  readonly ctime: number;
  readonly vmid?: number;
}

/** One storage of a node; sizes in bytes. */
export interface Storage {
  readonly storage: string;
  readonly type: "dir" | "lvmthin";
  readonly content: readonly string[];
  readonly total: number;
  readonly used: number;
}

/** What the rootfs of a new guest is made of. */
export interface RootfsSpec {
  readonly vmid: number;
  /** Volume id of the template, `local:vztmpl/NAME`. */
  readonly template: string;
  readonly storage: string;
  readonly sizeGiB: number;
  readonly unprivileged: boolean;
}

/**
 * State of a guest as its init is seen from the node; uptime in seconds, memory in bytes. A running guest
 * has the bytes of its root file system, used and in all.
 */
export interface GuestState {
  readonly disk?: { readonly used: number; readonly total: number };
  readonly running: boolean;
  readonly pid?: number;
  readonly uptime: number;
  readonly mem: number;
  readonly cpu: number;
}

/** One interface inside a running guest. */
export interface GuestInterface {
  readonly name: string;
  readonly mac: string;
  readonly addresses: readonly {
    readonly address: string;
    readonly prefix: number;
    readonly family: "inet" | "inet6";
  }[];
}

/** Result of a command on a node: exit code and its combined output. */
export interface CommandResult {
  readonly code: number;
  readonly output: string;
}

/**
 * Everything the API does to the world. The Proxmox semantics (config format, tasks, permissions,
 * errors) live above it in `api/` and `pve/`; an implementation only moves files, guests and volumes.
 * The truth about guests is the node's own files (`/etc/pve/lxc/<vmid>.conf`), as on a real node.
 */
export interface Backend {
  readonly nodes: readonly string[];

  stats(node: string): Promise<NodeStats>;

  /** Text of a file on the node, or undefined when it does not exist. */
  readFile(node: string, path: string): Promise<string | undefined>;
  /** Replaces the file atomically and creates its folders. */
  writeFile(node: string, path: string, text: string): Promise<void>;
  removeFile(node: string, path: string): Promise<void>;
  /** Names in a folder, sorted; empty when the folder does not exist. */
  listFiles(node: string, folder: string): Promise<readonly string[]>;

  /** Whether the node has a network interface of this name now, such as a bridge. */
  hasInterface(node: string, name: string): Promise<boolean>;
  /** Runs the node's own `ifreload -a`. */
  reloadNetwork(node: string): Promise<CommandResult>;

  storages(node: string): Promise<readonly Storage[]>;
  volumes(node: string, storage: string): Promise<readonly Volume[]>;
  /** Makes the rootfs from the template; returns the volume id, such as `local-lvm:vm-100-disk-0`. */
  createRootfs(node: string, spec: RootfsSpec): Promise<string>;
  /** Grows a volume, and unless `withFileSystem` is false the file system in it. */
  resizeRootfs(
    node: string,
    volid: string,
    size: { readonly bytes: number; readonly withFileSystem: boolean },
  ): Promise<void>;
  removeVolume(node: string, volid: string): Promise<void>;
  /** Fetches a URL into `STORAGE:vztmpl/FILE`. */
  download(node: string, storage: string, file: string, url: string): Promise<void>;
  /** What the server of a URL says about it, for query-url-metadata. */
  urlMetadata(
    node: string,
    url: string,
  ): Promise<{ filename: string; size: number; mimetype: string }>;

  /** A file inside the guest's rootfs, running or not; undefined when it does not exist. */
  readGuestFile(node: string, vmid: number, path: string): Promise<string | undefined>;
  /** Writes into the guest's rootfs as the guest's root. */
  writeGuestFile(node: string, vmid: number, path: string, text: string): Promise<void>;
  /**
   * Starts the guest and resolves once its init runs. `lxcConfig` is what the guest's own config asks for
   * (arch, name, idmap, tty, nesting, `lxc.net.*`, raw lines last: lab/pve/lxc-config.ts); the
   * implementation puts before it what depends on where guests live: lxc.rootfs.path, lxc.include,
   * cgroups, logs. A missing bridge is an error.
   */
  startGuest(node: string, vmid: number, lxcConfig: string): Promise<void>;
  /** Asks the init to shut down; kills it when `timeoutSeconds` have passed and `force` is set. */
  shutdownGuest(
    node: string,
    vmid: number,
    options: { readonly force: boolean; readonly timeoutSeconds: number },
  ): Promise<void>;
  stopGuest(node: string, vmid: number): Promise<void>;
  guestState(node: string, vmid: number): Promise<GuestState>;
  guestInterfaces(node: string, vmid: number): Promise<readonly GuestInterface[]>;
}
