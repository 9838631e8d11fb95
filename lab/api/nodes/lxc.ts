import type { Call, Json, Reply } from "../../server/context";
import { createGuest } from "../../guest/create";
import { destroyGuest } from "../../guest/destroy";
import { resizeGuest } from "../../guest/resize";
import { guestStatus } from "./lxc/status";

/** GET /nodes/{node}/lxc: guests without VM.Audit are left out. */
export async function listGuests({ lab, user, params }: Call): Promise<Reply> {
  const node = params.required("node");
  const data: Json[] = [];
  for (const vmid of await lab.guests.vmids(node)) {
    if (user.has(`/vms/${vmid}`, "VM.Audit")) data.push(await guestStatus(lab, node, vmid));
  }
  return { data };
}

/** POST /nodes/{node}/lxc: creates a container from a template, in a task. */
export async function createContainer({ lab, user, params }: Call): Promise<Reply> {
  return { data: await createGuest(lab, user, params) };
}

/** DELETE /nodes/{node}/lxc/{vmid}: destroys a stopped container, in a task. */
export async function destroyContainer({ lab, user, params }: Call): Promise<Reply> {
  const guest = {
    node: params.required("node"),
    vmid: Number(params.required("vmid")),
    force: params.flag("force"),
  };
  return { data: await destroyGuest(lab, user, guest) };
}

/** PUT /nodes/{node}/lxc/{vmid}/resize: grows a disk, in a task. */
export async function resizeContainer({ lab, user, params }: Call): Promise<Reply> {
  return { data: await resizeGuest(lab, user, params) };
}
