/** What a preview would change, and what an update did to the guests. */
import assert from "node:assert/strict";

import { checkout, mustInside } from "./world";

interface Step {
  readonly op: string;
  readonly urn: string;
}

/** What a preview would do, as `op name`, sorted, without what stays the same. */
export function planned(...flags: readonly string[]): readonly string[] {
  const { code, stdout, stderr } = checkout().pulumi("preview", "--json", ...flags);
  assert.equal(code, 0, stderr);
  const { steps } = JSON.parse(stdout) as { steps: readonly Step[] };
  return steps
    .filter(({ op }) => !["same", "read", "refresh"].includes(op))
    .map(({ op, urn }) => `${op} ${urn.split("::").at(-1) ?? urn}`)
    .sort();
}

/** A fingerprint of a guest's run: it changes when its init is started again. */
export function bootOf(vmid: number): string {
  return mustInside(vmid, "stat -c %Y /proc/1; cat /proc/1/stat | awk '{ print $22 }'");
}
