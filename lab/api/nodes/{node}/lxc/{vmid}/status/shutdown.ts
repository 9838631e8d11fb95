import { assertRunning, shutdownGuest } from "../../../../../../guest/power";
import type { Call, Reply } from "../../../../../../server/context";
import { guestOf, guestTask } from "../../../../../../server/guest-call";

/** POST .../status/shutdown: `timeout` seconds (60), then a kill when `forceStop` is set. */
export async function POST(call: Call): Promise<Reply> {
  const { node, vmid } = guestOf(call);
  const timeoutSeconds = call.params.integer("timeout") ?? 60;
  const force = call.params.flag("forceStop");
  await assertRunning(call.lab, { node, vmid }, true);
  return guestTask(call, "vzshutdown", () =>
    shutdownGuest(call.lab, node, vmid, { force, timeoutSeconds }),
  );
}
