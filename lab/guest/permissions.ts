import { BackendError } from "../backend";
import type { Identity } from "../identity";
import type { Params } from "../params";

const refuse = (what: string): never => {
  throw new BackendError(`Permission check failed (${what})`, 403);
};

const features = (text: string | undefined): Map<string, string> =>
  new Map(
    (text ?? "").split(",").flatMap((part) => {
      const [key, value] = part.split("=");
      return key === undefined || key === "" ? [] : [[key, value ?? "1"] as const];
    }),
  );

/** Features whose value differs; absent and `0` differ, as Proxmox compares (provider-calls.md 3.6). */
function changedFeatures(before: string | undefined, after: string | undefined): readonly string[] {
  const [a, b] = [features(before), features(after)];
  return [...new Set([...a.keys(), ...b.keys()])].filter((key) => a.get(key) !== b.get(key));
}

/**
 * Refuses with 403 what only the exact user root@pam may set: features but nesting, devices, hook
 * scripts, paths as mount points (provider-calls.md 3.6). `before` holds the keys the guest has now.
 */
export function assertMaySet(
  user: Identity,
  params: Params,
  before: ReadonlyMap<string, string>,
  unprivileged: boolean,
): void {
  if (user.isRoot) return;
  for (const [key, value] of params.entries()) {
    if (/^dev\d+$/.test(key)) refuse("configuring device passthrough is only allowed for root@pam");
    if (key === "hookscript") refuse("changing the hookscript is only allowed for root@pam");
    if (/^mp\d+$/.test(key) && /^(?:volume=)?\/|,volume=\//.test(value)) {
      refuse(`mount point type bind is only allowed for root@pam`);
    }
    if (key !== "features") continue;
    const changed = changedFeatures(before.get("features"), value);
    if (changed.length === 0) continue;
    if (!unprivileged) {
      refuse("changing feature flags for privileged container is only allowed for root@pam");
    }
    if (changed.some((name) => name !== "nesting")) {
      refuse("changing feature flags (except nesting) is only allowed for root@pam");
    }
  }
}
