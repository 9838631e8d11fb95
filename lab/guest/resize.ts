import { BackendError } from "../backend/backend";
import type { LabContext } from "../server/context";
import type { Identity } from "../server/identity";
import type { Params } from "../server/params";
import { formatDiskSize, parseDiskSize, parseRootfs, printRootfs } from "../pve/rootfs";
import { assertUnlocked, withKeys } from "./store";

/** Grows the rootfs in a task and returns its UPID; `+4G` adds, `8G` sets; shrinking is refused. */
export async function resizeGuest(
  lab: LabContext,
  user: Identity,
  params: Params,
): Promise<string> {
  const node = params.required("node");
  const vmid = Number(params.required("vmid"));
  const disk = params.required("disk");
  const text = params.required("size");
  if (disk !== "rootfs") throw new BackendError(`disk '${disk}' does not exist`);
  const stored = await lab.guests.load(node, vmid);
  assertUnlocked(stored);
  const rootfs = parseRootfs(stored.current.keys.get("rootfs") ?? "");
  const size = parseDiskSize(text.replace(/^\+/, ""));
  const bytes = text.startsWith("+") ? rootfs.bytes + size : size;
  if (bytes < rootfs.bytes) throw new BackendError("unable to shrink disk size");
  return lab.tasks.start(
    { node, type: "resize", id: String(vmid), user: user.user },
    async (log) => {
      await lab.guests.locked(vmid, async () => {
        const file = await lab.guests.load(node, vmid);
        await lab.backend.resizeRootfs(node, rootfs.volid, bytes / 2 ** 30);
        log.line(`resized ${rootfs.volid} to ${formatDiskSize(bytes)}`);
        const value = printRootfs(rootfs.volid, bytes, rootfs.options);
        await lab.guests.save(
          node,
          vmid,
          withKeys(file, new Map([...file.current.keys, ["rootfs", value]])),
        );
      });
    },
  );
}
