import { BackendError } from "../../../../backend/backend";
import type { Call, Reply } from "../../../../server/context";
import { findTask } from "../tasks";

/** DELETE /nodes/{node}/tasks/{upid}: nothing to do for a task that has ended; the lab cannot stop others. */
export function DELETE(call: Call): Reply {
  const task = findTask(call, "Sys.Modify");
  if (task.exitstatus === undefined) {
    throw new BackendError("stopping a running task is not implemented in the lab", 501);
  }
  return { data: null };
}
