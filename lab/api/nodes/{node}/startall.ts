import { BackendError } from "../../../backend/backend";
import { startAll } from "../../../guest/start-all";
import type { Call, Reply } from "../../../server/context";

/** POST /nodes/{node}/startall: what a node does at boot; starts guests in a task. */
export function POST({ lab, user, params }: Call): Reply {
  const node = params.required("node");
  if (params.text("vms") !== undefined) {
    throw new BackendError("'vms' is not implemented in the lab", 501);
  }
  const how = { node, user: user.user, force: params.flag("force") };
  const task = { node, type: "startall", id: "", user: user.user };
  return { data: lab.tasks.start(task, (log) => startAll(lab, how, log)) };
}
