import { BackendError } from "../../../../../backend/backend";
import { NUMERIC_KEYS } from "../../../../../guest/options";
import { withPendingApplied } from "../../../../../guest/pending";
import { updateGuest } from "../../../../../guest/update";
import type { GuestConfig } from "../../../../../pve/guest-config";
import type { Call, Json, Reply } from "../../../../../server/context";

/**
 * A config as the API shows it: some values are JSON numbers, `lxc` is a list of pairs
 * (docs/proxmox/provider-calls.md 3.4).
 */
function shown({ description, keys, lxc }: GuestConfig): Record<string, Json> {
  const data: Record<string, Json> = {};
  for (const [key, value] of keys) {
    data[key] = NUMERIC_KEYS.has(key) && /^\d+$/.test(value) ? Number(value) : value;
  }
  if (description !== undefined) data["description"] = description;
  if (lxc.length > 0) data["lxc"] = lxc;
  return data;
}

/** GET /nodes/{node}/lxc/{vmid}/config: pending changes included, unless `current` or `snapshot` is asked for. */
export async function GET({ lab, params }: Call): Promise<Reply> {
  const node = params.required("node");
  const vmid = Number(params.required("vmid"));
  const file = await lab.guests.load(node, vmid);
  const digest = await lab.guests.digest(node, vmid);
  const name = params.text("snapshot");
  if (name !== undefined) {
    const snapshot = file.snapshots.get(name);
    if (snapshot === undefined) throw new BackendError(`snapshot '${name}' does not exist`);
    return { data: { ...shown(snapshot), digest } };
  }
  const { current } = params.flag("current") ? file : withPendingApplied(file);
  return { data: { ...shown(current), digest } };
}

/** PUT /nodes/{node}/lxc/{vmid}/config: answers nothing and makes no task. */
export async function PUT({ lab, user, params }: Call): Promise<Reply> {
  await updateGuest(lab, user, params);
  return { data: null };
}
