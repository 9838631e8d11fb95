import type { Call, Reply } from "../../../../../server/context";
import { findTask, identityOf } from "../../tasks";

/** GET /nodes/{node}/tasks/{upid}/status: `exitstatus` appears when the task has stopped. */
export function GET(call: Call): Reply {
  const task = findTask(call, "Sys.Audit");
  const { exitstatus } = task;
  const identity = identityOf(task);
  return {
    data:
      exitstatus === undefined
        ? { ...identity, status: "running" }
        : { ...identity, status: "stopped", exitstatus },
  };
}
