import { destroyGuest } from "../../../../guest/destroy";
import type { Call, Reply } from "../../../../server/context";

/** DELETE /nodes/{node}/lxc/{vmid}: destroys a stopped container, in a task. */
export async function DELETE({ lab, user, params }: Call): Promise<Reply> {
  const guest = {
    node: params.required("node"),
    vmid: Number(params.required("vmid")),
    force: params.flag("force"),
  };
  return { data: await destroyGuest(lab, user, guest) };
}
