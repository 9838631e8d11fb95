import type { Call, Json, Reply } from "../../../server/context";
import type { Task } from "../../../server/tasks";

/** The fields of a task's UPID. A token's task belongs to its user and also names the token. */
export function identityOf(task: Task): Record<string, string | number> {
  const { upid, node, pid, pstart, starttime, type, id } = task;
  const [user = "", tokenid] = task.user.split("!");
  const identity = { upid, node, pid, pstart, starttime, type, id, user };
  return tokenid === undefined ? identity : { ...identity, tokenid };
}

const entry = (task: Task): Record<string, string | number> => {
  const { exitstatus, endtime } = task;
  if (exitstatus === undefined || endtime === undefined) return identityOf(task);
  return { ...identityOf(task), endtime, status: exitstatus };
};

/** Tasks of others are for those with Sys.Audit on the node, and Sys.Modify to stop them. */
export function findTask({ lab, user, params }: Call, privilege: "Sys.Audit" | "Sys.Modify"): Task {
  const task = lab.tasks.find(params.required("upid"));
  if (task.user !== user.user) user.require(`/nodes/${params.required("node")}`, privilege);
  return task;
}

/** GET /nodes/{node}/tasks: newest first, at most 50 or `limit`. */
export function GET({ lab, user, params }: Call): Reply {
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
