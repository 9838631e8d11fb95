import { BackendError, type Backend } from "../backend/backend";
import { splitList } from "./params";

const FILE = "/etc/pve/user.cfg";

/** A pool of guests and storages. */
export interface Pool {
  readonly poolid: string;
  readonly comment: string;
  readonly vmids: readonly number[];
  readonly storages: readonly string[];
}

/** `/etc/pve` is one file system for all nodes of a cluster; any of them shows it. */
const anyNode = (backend: Backend): string => {
  const [node] = backend.nodes;
  if (node === undefined) throw new BackendError("the lab has no node");
  return node;
};

const encode = (text: string): string => text.replace(/[%:\r\n]/g, encodeURIComponent);

/** All pools, as user.cfg lists them (`pool:ID:COMMENT:VMIDS:STORAGES:`). */
export async function readPools(backend: Backend): Promise<readonly Pool[]> {
  const text = (await backend.readFile(anyNode(backend), FILE)) ?? "";
  return text.split("\n").flatMap((line) => {
    const [kind, poolid = "", comment = "", vmids = "", storages = ""] = line.split(":");
    if (kind !== "pool") return [];
    return [
      {
        poolid,
        comment: decodeURIComponent(comment),
        vmids: splitList(vmids).map(Number),
        storages: splitList(storages),
      },
    ];
  });
}

/** Replaces the pools in user.cfg and keeps its other lines. */
export async function writePools(backend: Backend, pools: readonly Pool[]): Promise<void> {
  const node = anyNode(backend);
  const text = (await backend.readFile(node, FILE)) ?? "";
  const others = text.split("\n").filter((line) => line !== "" && !line.startsWith("pool:"));
  const lines = pools.map(({ poolid, comment, vmids, storages }) =>
    ["pool", poolid, encode(comment), vmids.join(","), storages.join(","), ""].join(":"),
  );
  await backend.writeFile(node, FILE, `${[...others, ...lines].join("\n")}\n`);
}

/** The pool of this name, or undefined. */
export const findPool = async (backend: Backend, poolid: string): Promise<Pool | undefined> =>
  (await readPools(backend)).find((entry) => entry.poolid === poolid);

/** The pool; a missing one is Proxmox's "pool 'x' does not exist". */
export async function assertPool(backend: Backend, poolid: string): Promise<Pool> {
  const pool = await findPool(backend, poolid);
  if (pool === undefined) throw new BackendError(`pool '${poolid}' does not exist`);
  return pool;
}

/** Puts a guest into a pool. */
export async function addToPool(backend: Backend, poolid: string, vmid: number): Promise<void> {
  const pools = await readPools(backend);
  await writePools(
    backend,
    pools.map((pool) =>
      pool.poolid === poolid ? { ...pool, vmids: [...pool.vmids, vmid] } : pool,
    ),
  );
}

/** Takes a destroyed guest out of every pool. */
export async function removeFromPools(backend: Backend, vmid: number): Promise<void> {
  const pools = await readPools(backend);
  if (!pools.some(({ vmids }) => vmids.includes(vmid))) return;
  await writePools(
    backend,
    pools.map((pool) => ({ ...pool, vmids: pool.vmids.filter((id) => id !== vmid) })),
  );
}
