import { BackendError } from "../backend/backend";
import type { LabContext } from "../server/context";
import type { Identity } from "../server/identity";
import { ParameterError } from "../server/parameter-error";
import type { Params } from "../server/params";
import { parseRootfs, printRootfs } from "../pve/rootfs";
import { isOption, storedValue } from "./options";
import { changeConfig, type ConfigChange } from "./pending";
import { assertMayConfigure } from "./permissions";
import { assertUnlocked } from "./store";

const NOT_OPTIONS = new Set(["node", "vmid", "delete", "digest", "revert"]);

/** rootfs may change its options, never its volume; the size in it is read only. */
function changedRootfs(value: string, stored: string | undefined): string {
  const wanted = parseRootfs(value);
  const present = parseRootfs(stored ?? "");
  if (wanted.volid !== present.volid) {
    throw new BackendError("another rootfs volume is not implemented in the lab", 501);
  }
  return printRootfs(present.volid, present.bytes, wanted.options);
}

/** Keys that `delete` names; Proxmox only warns about one that is not set. */
function droppedKeys(params: Params): string[] {
  const drop = [...params.list("delete")];
  for (const key of drop) {
    if (!isOption(key)) throw new ParameterError({ delete: `unknown option '${key}'` });
    if (key === "rootfs" || key === "unprivileged") {
      throw new ParameterError({ delete: `unable to delete required option '${key}'` });
    }
    if (params.text(key) !== undefined) {
      throw new ParameterError({ delete: `cannot set and delete '${key}' at the same time` });
    }
  }
  return drop;
}

function newValue(key: string, value: string, stored: string | undefined): string {
  if (!isOption(key)) throw new ParameterError({ [key]: `unknown option '${key}'` });
  if (key === "unprivileged" && value !== (stored ?? "0")) {
    throw new BackendError("unable to modify read-only option: 'unprivileged'");
  }
  return key === "rootfs" ? changedRootfs(value, stored) : storedValue(key, value);
}

function changeOf(params: Params, keys: ReadonlyMap<string, string>): ConfigChange {
  const set = new Map<string, string>();
  const drop = droppedKeys(params);
  for (const [key, value] of params.entries()) {
    if (NOT_OPTIONS.has(key)) continue;
    const stored = value === "" && isOption(key) ? "" : newValue(key, value, keys.get(key));
    // A list of nothing, as tags of separators alone, is no value either.
    if (stored === "") drop.push(key);
    else set.set(key, stored);
  }
  if (set.size === 0 && drop.length === 0) throw new BackendError("no options specified");
  return { set, drop };
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
    const change = changeOf(params, keys);
    const { running } = await lab.backend.guestState(node, vmid);
    await lab.guests.save(node, vmid, changeConfig(file, change, running));
  });
}
