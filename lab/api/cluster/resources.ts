import { BackendError } from "../../backend";
import type { Call, Json, Reply } from "../../context";
import { guestStatus } from "../nodes/lxc/status";
import { nodeEntry } from "../nodes";

/** GET /cluster/resources: guests and nodes; other kinds are not in the lab yet. */
export async function listResources({ lab, params }: Call): Promise<Reply> {
  const type = params.text("type");
  if (type !== undefined && type !== "vm" && type !== "node") {
    throw new BackendError(`resources of type '${type}' are not implemented in the lab`, 501);
  }
  const data: Json[] = [];
  for (const node of lab.backend.nodes) {
    if (type !== "vm")
      data.push({ ...(await nodeEntry(lab, node)), type: "node", id: `node/${node}` });
    if (type === "node") continue;
    for (const vmid of await lab.guests.vmids(node)) {
      data.push({ ...(await guestStatus(lab, node, vmid)), id: `lxc/${vmid}`, node });
    }
  }
  return { data };
}
