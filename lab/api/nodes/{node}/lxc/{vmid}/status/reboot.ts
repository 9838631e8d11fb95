import { assertRunning, rebootGuest } from "../../../../../../guest/power";
import type { Call, Reply } from "../../../../../../server/context";
import { guestOf, guestTask } from "../../../../../../server/guest-call";

/** POST .../status/reboot: shuts down and starts with the pending changes. */
export async function POST(call: Call): Promise<Reply> {
  const { node, vmid } = guestOf(call);
  const timeoutSeconds = call.params.integer("timeout") ?? 60;
  await assertRunning(call.lab, { node, vmid, kind: "VM" }, true);
  return guestTask(call, "vzreboot", () => rebootGuest(call.lab, node, vmid, timeoutSeconds));
}
