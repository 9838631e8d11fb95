import { BackendError } from "../backend/backend";
import type { Call, Json, Reply } from "../server/context";
import { assertPool, readPools, writePools, type Pool } from "../server/pool";

async function withMembers({ lab }: Call, pool: Pool): Promise<Json> {
  const guests: Json[] = [];
  for (const vmid of pool.vmids) {
    const node = await lab.guests.nodeOf(vmid);
    if (node !== undefined) guests.push({ id: `lxc/${vmid}`, node, type: "lxc", vmid });
  }
  const [node = ""] = lab.backend.nodes;
  const storages = pool.storages.map((storage) => ({
    id: `storage/${node}/${storage}`,
    node,
    type: "storage",
    storage,
  }));
  return { poolid: pool.poolid, comment: pool.comment, members: [...guests, ...storages] };
}

/** GET /pools: all, or a list with the one that is asked for; an unknown one, or one without Pool.Audit, is an empty list. */
export async function GET(call: Call): Promise<Reply> {
  const wanted = call.params.text("poolid");
  const all = await readPools(call.lab.backend);
  const pools = all.filter(({ poolid }) =>
    call.user.hasAny(`/pool/${poolid}`, "Pool.Audit", "Pool.Allocate"),
  );
  if (wanted === undefined) {
    return { data: pools.map(({ poolid, comment }) => ({ poolid, comment })) };
  }
  const found = pools.filter(({ poolid }) => poolid === wanted);
  return { data: await Promise.all(found.map((pool) => withMembers(call, pool))) };
}

/** POST /pools. */
export async function POST({ lab, params }: Call): Promise<Reply> {
  const poolid = params.required("poolid");
  const pools = await readPools(lab.backend);
  if (pools.some((pool) => pool.poolid === poolid)) {
    throw new BackendError(`create pool failed: pool '${poolid}' already exists`);
  }
  const pool = { poolid, comment: params.text("comment") ?? "", vmids: [], storages: [] };
  await writePools(lab.backend, [...pools, pool]);
  return { data: null };
}

/** PUT /pools: comment, and members added or (with `delete`) taken out. */
export async function PUT({ lab, params }: Call): Promise<Reply> {
  const pool = await assertPool(lab.backend, params.required("poolid"));
  const vms = params.list("vms").map(Number);
  const storages = params.list("storage");
  const merge = <T>(present: readonly T[], named: readonly T[]): T[] =>
    params.flag("delete")
      ? present.filter((entry) => !named.includes(entry))
      : [...new Set([...present, ...named])];
  for (const vmid of vms) {
    if ((await lab.guests.nodeOf(vmid)) === undefined) {
      throw new BackendError(`VM ${vmid} does not exist`);
    }
  }
  const changed = {
    ...pool,
    comment: params.text("comment") ?? pool.comment,
    vmids: merge(pool.vmids, vms),
    storages: merge(pool.storages, storages),
  };
  const pools = await readPools(lab.backend);
  await writePools(
    lab.backend,
    pools.map((entry) => (entry.poolid === pool.poolid ? changed : entry)),
  );
  return { data: null };
}

/** DELETE /pools: only an empty pool goes. */
export async function DELETE({ lab, params }: Call): Promise<Reply> {
  const pool = await assertPool(lab.backend, params.required("poolid"));
  if (pool.vmids.length + pool.storages.length > 0) {
    throw new BackendError(`delete pool failed: pool '${pool.poolid}' is not empty`);
  }
  const pools = await readPools(lab.backend);
  await writePools(
    lab.backend,
    pools.filter(({ poolid }) => poolid !== pool.poolid),
  );
  return { data: null };
}
