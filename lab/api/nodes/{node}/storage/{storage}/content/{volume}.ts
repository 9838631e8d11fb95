import { BackendError } from "../../../../../../backend/backend";
import type { Call, Reply } from "../../../../../../server/context";
import { findStorage } from "../../../storage";

/** DELETE /nodes/{node}/storage/{storage}/content/{volume}: refused while a guest's config names it. */
export async function DELETE({ lab, user, params }: Call): Promise<Reply> {
  const node = params.required("node");
  const { storage } = await findStorage(lab, node, params.required("storage"));
  const name = params.required("volume");
  const volid = name.includes(":") ? name : `${storage}:${name}`;
  const volume = (await lab.backend.volumes(node, storage)).find((entry) => entry.volid === volid);
  user.require(`/storage/${storage}`, "Datastore.Allocate");
  if (volume === undefined) throw new BackendError(`volume '${volid}' does not exist`, 404);
  if (volume.vmid !== undefined && (await lab.guests.nodeOf(volume.vmid)) !== undefined) {
    throw new BackendError(`cannot remove volume '${volid}' - it is in use by CT ${volume.vmid}`);
  }
  const task = { node, type: "imgdel", id: volid.replaceAll(":", "@"), user: user.user };
  return { data: lab.tasks.start(task, () => lab.backend.removeVolume(node, volid)) };
}
