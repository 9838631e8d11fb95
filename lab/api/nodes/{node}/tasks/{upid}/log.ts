import type { Call, Reply } from "../../../../../server/context";
import { findTask } from "../../tasks";

/** GET /nodes/{node}/tasks/{upid}/log: lines numbered from 1, 50 or `limit` of them. */
export function GET(call: Call): Reply {
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
