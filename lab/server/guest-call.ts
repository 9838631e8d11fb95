import type { Call, Reply } from "./context";
import type { Work } from "./tasks";

/** The guest that a call's path names. */
export const guestOf = ({ params }: Call): { readonly node: string; readonly vmid: number } => ({
  node: params.required("node"),
  vmid: Number(params.required("vmid")),
});

/** Answers with the UPID of a task on the call's guest. */
export function guestTask({ lab, user, params }: Call, type: string, work: Work): Reply {
  const node = params.required("node");
  return {
    data: lab.tasks.start({ node, type, id: params.required("vmid"), user: user.user }, work),
  };
}
