import { guestStatus } from "../../../../../../guest/status";
import type { Call, Reply } from "../../../../../../server/context";
import { guestOf } from "../../../../../../server/guest-call";

/** GET .../status/current. */
export async function GET(call: Call): Promise<Reply> {
  const { node, vmid } = guestOf(call);
  return { data: { ...(await guestStatus(call.lab, node, vmid)), ha: { managed: 0 } } };
}
