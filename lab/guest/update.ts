import { BackendError } from "../backend/backend";
import type { LabContext } from "../server/context";
import type { Identity } from "../server/identity";
import { ParameterError } from "../server/parameter-error";
import type { Params } from "../server/params";
import { guestNets } from "../pve/guest-net";
import { parseRootfs } from "../pve/rootfs";
import { isOption, storedValue } from "./options";
import { changeConfig, type ConfigChange } from "./pending";
import { assertMayConfigure } from "./permissions";
import { assertUnlocked } from "./store";

const NOT_OPTIONS = new Set(["node", "vmid", "delete", "digest", "revert"]);

/**
 * rootfs may change its options, never its volume. Proxmox stores the text as it was sent, so that a PUT
 * of the whole value also sets what it does not change, such as `replicate=0`.
 */
function changedRootfs(value: string, stored: string | undefined): string {
  if (parseRootfs(value).volid !== parseRootfs(stored ?? "").volid) {
    throw new BackendError("another rootfs volume is not implemented in the lab", 501);
  }
  return value;
}

/** Options that a guest cannot be without. */
const REQUIRED = new Set(["memory", "rootfs", "ostype"]);

/** `protection` refuses every change of a disk (pve-container, src/PVE/LXC/Config.pm). */
function assertUnprotected(keys: ReadonlyMap<string, string>, what: string): void {
  if (keys.get("protection") !== "1") return;
  throw new BackendError(`can't ${what} - protection mode enabled`);
}

/** Keys that `delete` names; Proxmox only warns about one that is not set. */
function droppedKeys(vmid: number, params: Params, keys: ReadonlyMap<string, string>): string[] {
  const drop = [...params.list("delete")];
  for (const key of drop) {
    if (!isOption(key)) throw new ParameterError({ delete: `unknown option '${key}'` });
    if (params.text(key) !== undefined) {
      const complaint = `you can't use '-${key}' and -delete ${key}' at the same time`;
      throw new ParameterError({ delete: complaint });
    }
  }
  for (const key of drop.filter((name) => keys.has(name))) {
    if (REQUIRED.has(key)) throw new BackendError(`unable to delete required option '${key}'`);
    if (key === "unprivileged") {
      throw new BackendError("unable to delete read-only option: 'unprivileged'");
    }
    if (/^(?:mp|unused)\d+$/.test(key)) {
      assertUnprotected(keys, `remove CT ${vmid} drive '${key}'`);
    }
  }
  return drop;
}

function newValue(
  vmid: number,
  [key, value]: readonly [string, string],
  keys: ReadonlyMap<string, string>,
): string {
  const stored = keys.get(key);
  if (!isOption(key)) throw new ParameterError({ [key]: `unknown option '${key}'` });
  if (/^(?:rootfs|mp\d+)$/.test(key)) {
    assertUnprotected(keys, `update CT ${vmid} drive '${key}'`);
  }
  if (key === "unprivileged" && value !== (stored ?? "0")) {
    throw new BackendError("unable to modify read-only option: 'unprivileged'");
  }
  return key === "rootfs" ? changedRootfs(value, stored) : storedValue(key, value);
}

function changeOf(vmid: number, params: Params, keys: ReadonlyMap<string, string>): ConfigChange {
  const set = new Map<string, string>();
  const drop = droppedKeys(vmid, params, keys);
  for (const [key, value] of params.entries()) {
    if (NOT_OPTIONS.has(key)) continue;
    // An empty option counts as unset; of a list, Proxmox stores that it is empty.
    if (value === "" && isOption(key) && key !== "tags") drop.push(key);
    else set.set(key, newValue(vmid, [key, value], keys));
  }
  if (set.size === 0 && drop.length === 0) throw new BackendError("no options specified");
  return { set, drop };
}

/**
 * Proxmox writes the guest's LXC configuration after each of its changes, and refuses there what it
 * should have refused before: a change while a bridge is missing is stored, and answered with an error.
 */
async function assertBridges(
  lab: LabContext,
  node: string,
  keys: ReadonlyMap<string, string>,
): Promise<void> {
  for (const { bridge } of guestNets(keys)) {
    if (bridge === undefined || (await lab.backend.hasInterface(node, bridge))) continue;
    throw new BackendError(`bridge '${bridge}' does not exist`);
  }
}

/** Changes a guest's config; what a running guest cannot take at once stays pending until it starts again. */
export async function updateGuest(lab: LabContext, user: Identity, params: Params): Promise<void> {
  const node = params.required("node");
  const vmid = Number(params.required("vmid"));
  await lab.guests.locked(vmid, async () => {
    const file = await lab.guests.load(node, vmid);
    const { keys } = file.current;
    assertMayConfigure({
      user,
      vmid,
      before: keys,
      set: params.entries(),
      drop: params.list("delete"),
      unprivileged: keys.get("unprivileged") === "1",
    });
    const digest = params.text("digest");
    if (digest !== undefined && digest !== (await lab.guests.digest(node, vmid))) {
      throw new BackendError(
        "detected modified configuration - file changed by other user? Try again.",
      );
    }
    assertUnlocked(file);
    const change = changeOf(vmid, params, keys);
    const { running } = await lab.backend.guestState(node, vmid);
    const changed = changeConfig(file, change, running);
    await lab.guests.save(node, vmid, changed);
    await assertBridges(lab, node, changed.current.keys);
  });
}
