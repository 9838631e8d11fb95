import { resizeGuest } from "../../../../../guest/resize";
import type { Call, Reply } from "../../../../../server/context";

/** PUT /nodes/{node}/lxc/{vmid}/resize: grows a disk, in a task. */
export async function PUT({ lab, user, params }: Call): Promise<Reply> {
  return { data: await resizeGuest(lab, user, params) };
}
