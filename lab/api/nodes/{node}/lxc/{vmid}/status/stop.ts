import { assertRunning, stopGuest } from "../../../../../../guest/power";
import type { Call, Reply } from "../../../../../../server/context";
import { guestOf, guestTask } from "../../../../../../server/guest-call";

/** POST .../status/stop: at once, without asking the guest. */
export async function POST(call: Call): Promise<Reply> {
  const { node, vmid } = guestOf(call);
  await assertRunning(call.lab, { node, vmid }, true);
  return guestTask(call, "vzstop", () => stopGuest(call.lab, node, vmid));
}
