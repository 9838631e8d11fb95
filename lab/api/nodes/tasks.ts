import { BackendError } from "../../backend/backend";
import type { Call, Json, Reply } from "../../server/context";
import type { Task } from "../../server/tasks";

const entry = (task: Task): Record<string, string | number> => {
  const { upid, node, pid, pstart, starttime, type, id, user, exitstatus, endtime } = task;
  const running = { upid, node, pid, pstart, starttime, type, id, user };
  if (exitstatus === undefined || endtime === undefined) return running;
  return { ...running, endtime, status: exitstatus };
};

/** Tasks of others are for those with Sys.Audit on the node, and Sys.Modify to stop them. */
function findTask({ lab, user, params }: Call, privilege: "Sys.Audit" | "Sys.Modify"): Task {
  const task = lab.tasks.find(params.required("upid"));
  if (task.user !== user.user) user.require(`/nodes/${params.required("node")}`, privilege);
  return task;
}

/** GET /nodes/{node}/tasks: newest first, at most 50 or `limit`. */
export function listTasks({ lab, user, params }: Call): Reply {
  const node = params.required("node");
  const vmid = params.text("vmid");
  const seesAll = user.has(`/nodes/${node}`, "Sys.Audit");
  const all = lab.tasks
    .list()
    .filter((task) => task.node === node && (vmid === undefined || task.id === vmid))
    .filter((task) => seesAll || task.user === user.user);
  const start = params.integer("start") ?? 0;
  const data: Json[] = all.slice(start, start + (params.integer("limit") ?? 50)).map(entry);
  return { data, total: all.length };
}

/** GET /nodes/{node}/tasks/{upid}/status: `exitstatus` appears when the task has stopped. */
export function taskStatus(call: Call): Reply {
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

/** GET /nodes/{node}/tasks/{upid}/log: lines numbered from 1, 50 or `limit` of them. */
export function taskLog(call: Call): Reply {
  const { params } = call;
  const { lines } = findTask(call, "Sys.Audit");
  const numbered = lines.map((t, at) => ({ n: at + 1, t }));
  const start = params.integer("start") ?? 0;
  const limit = params.integer("limit") ?? 50;
  // Proxmox shows one line of this text when a log is empty.
  if (lines.length === 0) return { data: [{ n: 1, t: "no content" }], total: 1 };
  return {
    data: numbered.slice(start, limit === 0 ? undefined : start + limit),
    total: lines.length,
  };
}

/** DELETE /nodes/{node}/tasks/{upid}: nothing to do for a task that has ended; the lab cannot stop others. */
export function stopTask(call: Call): Reply {
  const task = findTask(call, "Sys.Modify");
  if (task.exitstatus === undefined) {
    throw new BackendError("stopping a running task is not implemented in the lab", 501);
  }
  return { data: null };
}
