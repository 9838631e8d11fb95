import type { Call, Reply } from "../../../../../server/context";
import { findTask } from "../../tasks";

/** GET /nodes/{node}/tasks/{upid}/status: `exitstatus` appears when the task has stopped. */
export function GET(call: Call): Reply {
  const task = findTask(call, "Sys.Audit");
  const { upid, node, pid, pstart, starttime, type, id, user, exitstatus } = task;
  const identity = { upid, node, pid, pstart, starttime, type, id, user };
  return {
    data:
      exitstatus === undefined
        ? { ...identity, status: "running" }
        : { ...identity, status: "stopped", exitstatus },
  };
}
