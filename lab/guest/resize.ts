import { BackendError } from "../backend/backend";
import { splitPropertyString } from "../schema/check";
import type { LabContext } from "../server/context";
import type { Identity } from "../server/identity";
import type { Params } from "../server/params";
import { VOLUME_OPTIONS, parseDiskSize, parseRootfs, printRootfs } from "../pve/rootfs";
import { MOUNT_POINT_FORMAT } from "../pve/mount-point";
import { requireOnGuest } from "./permissions";
import { assertUnlocked, withKeys } from "./store";

/** A disk that a guest does not have is one whose text is empty: Proxmox names the keys that are missing. */
function assertDisk(disk: string, value: string | undefined): void {
  const format = disk === "rootfs" ? VOLUME_OPTIONS : MOUNT_POINT_FORMAT;
  const values = splitPropertyString(format, value ?? "");
  const missing = Object.entries(format)
    .filter(([name, schema]) => schema.optional !== 1 && !values.has(name))
    .map(([name]) => [name, "property is missing and it is not optional"] as const);
  if (missing.length > 0) throw new BackendError("format error", 500, Object.fromEntries(missing));
}

/** The root disk as it is to be; throws unless it grows. */
async function wantedSize(
  lab: LabContext,
  user: Identity,
  params: Params,
): Promise<{ readonly volid: string; readonly bytes: number }> {
  const node = params.required("node");
  const vmid = Number(params.required("vmid"));
  const disk = params.required("disk");
  const text = params.required("size");
  const stored = await lab.guests.load(node, vmid);
  assertUnlocked(stored);
  requireOnGuest(user, { vmid }, "VM.Config.Options");
  const value = stored.current.keys.get(disk);
  assertDisk(disk, value);
  if (disk !== "rootfs") {
    throw new BackendError(`resizing '${disk}' is not implemented in the lab`, 501);
  }
  const rootfs = parseRootfs(value ?? "");
  user.require(`/storage/${rootfs.volid.replace(/:.*$/, "")}`, "Datastore.AllocateSpace");
  const size = parseDiskSize(text.replace(/^\+/, ""));
  const bytes = text.startsWith("+") ? rootfs.bytes + size : size;
  if (bytes < rootfs.bytes) throw new BackendError("unable to shrink disk size");
  if (bytes === rootfs.bytes) throw new BackendError("disk is already at specified size");
  return { volid: rootfs.volid, bytes };
}

/**
 * Grows the rootfs in a task and returns its UPID; `+4G` adds, `8G` sets; shrinking is refused. A file
 * system that does not grow with its volume is a line in the log of a task that ends well, as on a node.
 */
export async function resizeGuest(
  lab: LabContext,
  user: Identity,
  params: Params,
): Promise<string> {
  const node = params.required("node");
  const vmid = Number(params.required("vmid"));
  await wantedSize(lab, user, params);
  return lab.tasks.start(
    { node, type: "resize", id: String(vmid), user: user.user },
    async (log) => {
      await lab.guests.locked(vmid, async () => {
        const { volid, bytes } = await wantedSize(lab, user, params);
        const file = await lab.guests.load(node, vmid);
        const isStuck = lab.faults.meet("resize", String(vmid)) !== undefined;
        await lab.backend.resizeRootfs(node, volid, { bytes, withFileSystem: !isStuck });
        const { options } = parseRootfs(file.current.keys.get("rootfs") ?? "");
        const keys = new Map(file.current.keys).set("rootfs", printRootfs(volid, bytes, options));
        await lab.guests.save(node, vmid, withKeys(file, keys));
        if (isStuck) {
          log.line(
            "Failed to update the container's filesystem: command 'resize2fs' failed: exit code 1",
          );
        }
      });
    },
  );
}
