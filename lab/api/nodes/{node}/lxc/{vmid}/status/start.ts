import { assertRunning, startGuest } from "../../../../../../guest/power";
import type { Call, Reply } from "../../../../../../server/context";
import { guestOf, guestTask } from "../../../../../../server/guest-call";

/** POST .../status/start. */
export async function POST(call: Call): Promise<Reply> {
  const { node, vmid } = guestOf(call);
  await assertRunning(call.lab, { node, vmid }, false);
  return guestTask(call, "vzstart", (log) => startGuest(call.lab, node, vmid, log));
}
