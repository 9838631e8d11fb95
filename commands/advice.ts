/** The last line after a run of Pulumi that failed: what to do next. */
import type { Followed } from "./pulumi";

/** What Pulumi prints when the run before this one did not end, or has not ended yet. */
const cutOff =
  /currently locked by|failed to load checkpoint|pending operations|unexpected end of JSON input|error: EOF/;

/** One sentence; `verb` is the make target that was run. */
export function adviceAfter({ code, output }: Followed, verb: string, stack: string): string {
  return code === undefined || cutOff.test(output)
    ? `An update of ${stack} was cut off, or still runs. Run: make recover STACK=${stack}, then make ${verb} STACK=${stack}. It changes nothing while the other one runs.`
    : `What is wrong, and what to do: make doctor STACK=${stack}`;
}
