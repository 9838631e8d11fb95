import { maySeeVolume } from "../../../../../access/volumes";
import type { Call, Reply } from "../../../../../server/context";
import { findStorage } from "../../storage";

/** GET /nodes/{node}/storage/{storage}/content. */
export async function GET({ lab, user, params }: Call): Promise<Reply> {
  const node = params.required("node");
  const { storage } = await findStorage(lab, node, params.required("storage"));
  const content = params.text("content");
  const vmid = params.integer("vmid");
  const volumes = await lab.backend.volumes(node, storage);
  return {
    data: volumes
      .filter((volume) => maySeeVolume(user, volume))
      .filter((volume) => content === undefined || volume.content === content)
      .filter((volume) => vmid === undefined || volume.vmid === vmid)
      .map((volume) => ({ ...volume })),
  };
}
