import { BackendError } from "../../backend";
import type { Call, Json, LabContext, Reply } from "../../context";
import { guestStatus } from "../nodes/lxc/status";
import { nodeEntry } from "../nodes";

async function storages(lab: LabContext, node: string): Promise<readonly Json[]> {
  return (await lab.backend.storages(node)).map(({ storage, type, content, total, used }) => ({
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

async function guests(lab: LabContext, node: string): Promise<readonly Json[]> {
  const entries: Json[] = [];
  for (const vmid of await lab.guests.vmids(node)) {
    entries.push({ ...(await guestStatus(lab, node, vmid)), id: `lxc/${vmid}`, node });
  }
  return entries;
}

/** GET /cluster/resources: guests, nodes and storages, or one kind of them (`type=vm` means guests). */
export async function listResources({ lab, params }: Call): Promise<Reply> {
  const type = params.text("type");
  if (type === "sdn") throw new BackendError("SDN is not implemented in the lab", 501);
  const wants = (kind: string): boolean => type === undefined || type === kind;
  const data: Json[] = [];
  for (const node of lab.backend.nodes) {
    if (wants("vm")) data.push(...(await guests(lab, node)));
    if (wants("node")) {
      data.push({ ...(await nodeEntry(lab, node)), type: "node", id: `node/${node}` });
    }
    if (wants("storage")) data.push(...(await storages(lab, node)));
  }
  return { data };
}
