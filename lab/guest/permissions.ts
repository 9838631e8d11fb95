import { grantPrivileges } from "../access/grants";
import { assertMayReadTemplate } from "../access/volumes";
import { PermissionError, type Identity } from "../server/identity";
import type { Params } from "../server/params";
import { attachmentOf } from "../pve/guest-net";
import { isOption } from "./options";

/** The change of a guest's config that somebody asks for. */
export interface WantedChange {
  readonly user: Identity;
  readonly vmid: number;
  /** The pool that a new guest goes to; its privileges count as well as the guest's own. */
  readonly pool?: string | undefined;
  /** The keys the guest has now; none for a new one. */
  readonly before: ReadonlyMap<string, string>;
  /** Parameters of the call; those that are not options are ignored. */
  readonly set: readonly (readonly [string, string])[];
  readonly drop: readonly string[];
  readonly unprivileged: boolean;
}

/** Throws 403 unless the caller has the privilege on the guest, or on the pool that it goes to. */
export function requireOnGuest(
  user: Identity,
  { vmid, pool }: { readonly vmid: number; readonly pool?: string | undefined },
  privilege: string,
): void {
  if (pool !== undefined && user.has(`/pool/${pool}`, privilege)) return;
  user.require(`/vms/${vmid}`, privilege);
}

const PRIVILEGE_OF: readonly (readonly [RegExp, string])[] = [
  [/^(?:cores|cpuunits|cpulimit)$/, "VM.Config.CPU"],
  [/^(?:rootfs|mp\d+|unused\d+)$/, "VM.Config.Disk"],
  [/^(?:memory|swap)$/, "VM.Config.Memory"],
  [/^(?:net\d+|nameserver|searchdomain|hostname)$/, "VM.Config.Network"],
  [/./, "VM.Config.Options"],
];

const privilegeOf = (key: string): string =>
  PRIVILEGE_OF.find(([pattern]) => pattern.test(key))?.[1] ?? "VM.Config.Options";

const features = (text: string | undefined): Map<string, string> =>
  new Map(
    (text ?? "").split(",").flatMap((part) => {
      const [key, value] = part.split("=");
      return key === undefined || key === "" ? [] : [[key, value ?? "1"] as const];
    }),
  );

/** Features whose value differs; absent and `0` differ, as Proxmox compares (docs/proxmox/provider-calls.md 3.6). */
function changedFeatures(before: string | undefined, after: string | undefined): readonly string[] {
  const [a, b] = [features(before), features(after)];
  return [...new Set([...a.keys(), ...b.keys()])].filter((key) => a.get(key) !== b.get(key));
}

function assertFeatures(change: WantedChange, value: string | undefined): void {
  const changed = changedFeatures(change.before.get("features"), value);
  if (changed.length === 0) return;
  if (!change.unprivileged) {
    throw new PermissionError(
      "changing feature flags for privileged container is only allowed for root@pam",
    );
  }
  if (changed.some((name) => name !== "nesting")) {
    throw new PermissionError(
      "changing feature flags (except nesting) is only allowed for root@pam",
    );
  }
  requireOnGuest(change.user, change, "VM.Allocate");
}

/** SDN.Use on the bridge of a `netN`, or on each VLAN of it that the interface names. */
function assertBridge(user: Identity, key: string, net: string | undefined): void {
  if (net === undefined || net === "") return;
  const { bridge, vlans } = attachmentOf(key, net);
  if (bridge === undefined) return;
  const path = `/sdn/zones/localnetwork/${bridge}`;
  if (vlans.length === 0) user.require(path, "SDN.Use");
  for (const vlan of vlans) user.require(`${path}/${vlan}`, "SDN.Use");
}

function assertKey(change: WantedChange, key: string, value: string | undefined): void {
  const { user, before } = change;
  if (/^dev\d+$/.test(key)) {
    throw new PermissionError("configuring device passthrough is only allowed for root@pam");
  }
  if (key === "hookscript") {
    throw new PermissionError("changing the hookscript is only allowed for root@pam");
  }
  if (key === "features") {
    assertFeatures(change, value);
    return;
  }
  if (key === "tags") {
    // A pool's privileges do not count here, and tags that stay as they are need none.
    const changes = (value ?? "") !== (before.get(key) ?? "");
    if (changes) requireOnGuest(user, { vmid: change.vmid }, "VM.Config.Options");
    return;
  }
  requireOnGuest(user, change, privilegeOf(key));
  if (/^mp\d+$/.test(key) && /^(?:volume=)?\/|,volume=\//.test(value ?? "")) {
    throw new PermissionError("mount point type bind is only allowed for root@pam");
  }
  if (/^net\d+$/.test(key)) {
    assertBridge(user, key, before.get(key));
    assertBridge(user, key, value);
  }
}

/**
 * Refuses with 403 a change of options for which the caller lacks the privilege, and what only the exact
 * user root@pam may set: features but nesting, devices, hook scripts, paths as mount points
 * (docs/proxmox/permissions.md 1 and 2, docs/proxmox/provider-calls.md 3.6).
 */
export function assertMayConfigure(change: WantedChange): void {
  if (change.user.isRoot) return;
  const isChecked = (key: string): boolean => isOption(key) && key !== "unprivileged";
  for (const [key, value] of change.set) if (isChecked(key)) assertKey(change, key, value);
  for (const key of change.drop) if (isChecked(key)) assertKey(change, key, undefined);
}

/**
 * Refuses with 403 the creation of a container: VM.Allocate on it or its pool, the privilege of every option
 * and reading the template. The storage of its disk is checked where that is known.
 */
export function assertMayCreate(user: Identity, params: Params, unprivileged: boolean): void {
  const guest = { vmid: Number(params.required("vmid")), pool: params.text("pool") };
  if (guest.pool !== undefined) {
    const path = `/pool/${guest.pool}`;
    user.requireAny(path, ...grantPrivileges(path));
  }
  const allocates = [
    `/vms/${guest.vmid}`,
    ...(guest.pool === undefined ? [] : [`/pool/${guest.pool}`]),
  ];
  // Proxmox names no path here, as there are two.
  if (!allocates.some((path) => user.has(path, "VM.Allocate"))) throw new PermissionError();
  const set = params.entries();
  assertMayConfigure({ user, ...guest, before: new Map(), set, drop: [], unprivileged });
  if (!user.isRoot) assertMayReadTemplate(user, params.required("ostemplate"));
}
