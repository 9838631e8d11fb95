import { createGuest } from "../../../guest/create";
import { guestStatus } from "../../../guest/status";
import type { Call, Json, Reply } from "../../../server/context";

/** GET /nodes/{node}/lxc: guests without VM.Audit are left out. */
export async function GET({ lab, user, params }: Call): Promise<Reply> {
  const node = params.required("node");
  const data: Json[] = [];
  for (const vmid of await lab.guests.vmids(node)) {
    if (user.has(`/vms/${vmid}`, "VM.Audit")) data.push(await guestStatus(lab, node, vmid));
  }
  return { data };
}

/** POST /nodes/{node}/lxc: creates a container from a template, in a task. */
export async function POST({ lab, user, params }: Call): Promise<Reply> {
  return { data: await createGuest(lab, user, params) };
}
