import { BackendError } from "../../backend/backend";
import type { Call, Json, Reply } from "../../server/context";
import { guestStatus } from "../../guest/status";
import { nodeEntry } from "../nodes";

async function storages({ lab, user }: Call, node: string): Promise<readonly Json[]> {
  const all = await lab.backend.storages(node);
  const seen = all.filter(({ storage }) => user.has(`/storage/${storage}`, "Datastore.Audit"));
  return seen.map(({ storage, type, content, total, used }) => ({
    id: `storage/${node}/${storage}`,
    type: "storage",
    node,
    storage,
    plugintype: type,
    content: content.join(","),
    status: "available",
    shared: 0,
    disk: used,
    maxdisk: total,
  }));
}

async function guests({ lab, user }: Call, node: string): Promise<readonly Json[]> {
  const entries: Json[] = [];
  for (const vmid of await lab.guests.vmids(node)) {
    if (!user.has(`/vms/${vmid}`, "VM.Audit")) continue;
    entries.push({ ...(await guestStatus(lab, node, vmid)), id: `lxc/${vmid}`, node });
  }
  return entries;
}

/**
 * GET /cluster/resources: guests, nodes and storages, or one kind of them (`type=vm` means guests); of these
 * what the caller has VM.Audit or Datastore.Audit on.
 */
export async function GET(call: Call): Promise<Reply> {
  const { lab, params } = call;
  const type = params.text("type");
  if (type === "sdn") throw new BackendError("SDN is not implemented in the lab", 501);
  const wants = (kind: string): boolean => type === undefined || type === kind;
  const data: Json[] = [];
  for (const node of lab.backend.nodes) {
    if (wants("vm")) data.push(...(await guests(call, node)));
    if (wants("node")) {
      data.push(await nodeEntry(call, node));
    }
    if (wants("storage")) data.push(...(await storages(call, node)));
  }
  return { data };
}
