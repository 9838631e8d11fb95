import { BackendError } from "../backend/backend";
import type { LabContext } from "../server/context";
import { PermissionError, type Identity } from "../server/identity";
import { ParameterError } from "../server/parameter-error";
import type { Params } from "../server/params";
import { addToPool, findPool } from "../server/pool";
import { emptyGuestConfig } from "../pve/guest-config";
import { parseRootfsRequest, printRootfs, type RootfsRequest } from "../pve/rootfs";
import type { TaskLog } from "../server/tasks";
import { isAtLeast } from "../server/versions";
import { isOption, storedValue } from "./options";
import { assertMayCreate } from "./permissions";
import { startGuest } from "./power";
import { detectOsType, writeAuthorizedKeys, writeGuestFiles } from "./setup";
import { withKeys } from "./store";

/** A create call after its checks. */
interface Plan {
  readonly node: string;
  readonly vmid: number;
  readonly user: Identity;
  readonly template: string;
  readonly rootfs: RootfsRequest;
  readonly keys: Map<string, string>;
  readonly description: string | undefined;
  readonly start: boolean;
  readonly pool: string | undefined;
  readonly sshKeys: string | undefined;
}

/** Parameters of the create call that do not end up in the config. */
const NOT_STORED = new Set(["rootfs", "description", "unprivileged"]);
/** Parameters that would change what creation does; refused rather than ignored. */
const UNIMPLEMENTED = ["restore", "force", "ha-managed", "unique"];

function refuseUnimplemented(params: Params): void {
  for (const name of UNIMPLEMENTED) {
    if (params.flag(name)) throw new BackendError(`'${name}' is not implemented in the lab`, 501);
  }
  if ((params.text("password") ?? "") !== "") {
    throw new BackendError("'password' is not implemented in the lab: use ssh-public-keys", 501);
  }
}

/** Whether the new guest is unprivileged; from 9.0 on it is, unless the call asks for another one. */
const isUnprivileged = (params: Params, version: string): boolean =>
  params.filled("unprivileged") === undefined
    ? isAtLeast(version, "9.0")
    : params.flag("unprivileged");

function storedKeys(params: Params, unprivileged: boolean): Map<string, string> {
  const keys = new Map<string, string>();
  for (const [key, value] of params.entries()) {
    if (!isOption(key) || NOT_STORED.has(key)) continue;
    // An empty option counts as unset; of a list, Proxmox stores that it is empty.
    if (value === "" && key !== "tags") continue;
    keys.set(key, storedValue(key, value));
  }
  if (unprivileged) keys.set("unprivileged", "1");
  return keys;
}

async function plan(lab: LabContext, user: Identity, params: Params): Promise<Plan> {
  const node = params.required("node");
  const vmid = Number(params.required("vmid"));
  const unprivileged = isUnprivileged(params, lab.version);
  refuseUnimplemented(params);
  if (!unprivileged && isAtLeast(lab.version, "9.0")) user.require("/", "Sys.Modify");
  await lab.guests.assertFree(vmid);
  const pool = params.text("pool");
  if (pool !== undefined && (await findPool(lab.backend, pool)) === undefined) {
    throw new PermissionError(`pool '${pool}' does not exist`);
  }
  const storage = params.text("storage") ?? "local";
  const rootfs = parseRootfsRequest(params.text("rootfs"), storage);
  assertMayCreate(user, params, unprivileged);
  // The permission of a storage that rootfs names is checked first, of the default one last.
  const isNamed = params.text("rootfs") !== undefined;
  const mayAllocate = (): void => {
    user.require(`/storage/${rootfs.storage}`, "Datastore.AllocateSpace");
  };
  if (isNamed) mayAllocate();
  await assertRootdirStorage(lab, node, rootfs.storage);
  mayAllocate();
  const description = params.text("description") ?? "";
  return {
    node,
    vmid,
    user,
    template: params.required("ostemplate"),
    rootfs,
    keys: storedKeys(params, unprivileged),
    description: description === "" ? undefined : storedValue("description", description),
    start: params.flag("start"),
    pool,
    sshKeys: params.text("ssh-public-keys"),
  };
}

async function assertRootdirStorage(lab: LabContext, node: string, name: string): Promise<void> {
  const storage = (await lab.backend.storages(node)).find((entry) => entry.storage === name);
  if (storage === undefined) throw new BackendError(`storage '${name}' does not exist`);
  if (!storage.content.includes("rootdir")) {
    throw new ParameterError({
      storage: `storage '${name}' does not support container directories`,
    });
  }
}

async function build(lab: LabContext, wanted: Plan, log: TaskLog): Promise<void> {
  const { node, vmid, rootfs, keys, template } = wanted;
  log.line(`extracting archive '${template}'`);
  const volid = await lab.backend.createRootfs(node, {
    vmid,
    template,
    storage: rootfs.storage,
    sizeGiB: rootfs.sizeGiB,
    unprivileged: keys.get("unprivileged") === "1",
  });
  try {
    keys.set("rootfs", printRootfs(volid, Math.ceil(rootfs.sizeGiB * 2 ** 30), rootfs.options));
    if (!keys.has("ostype")) keys.set("ostype", await detectOsType(lab.backend, node, vmid));
    // Defaults that Proxmox writes down even when nobody asked for them.
    const defaults = { arch: "amd64", hostname: `CT${vmid}`, memory: "512", swap: "512" };
    for (const [key, value] of Object.entries(defaults)) if (!keys.has(key)) keys.set(key, value);
    const { current, ...rest } = withKeys(emptyGuestConfig(), keys);
    const file = {
      ...rest,
      current:
        wanted.description === undefined
          ? current
          : { ...current, description: wanted.description },
    };
    await writeGuestFiles(lab.backend, node, vmid, file.current);
    await writeAuthorizedKeys(lab.backend, node, vmid, wanted.sshKeys);
    await lab.guests.save(node, vmid, file);
  } catch (error) {
    await lab.backend.removeVolume(node, volid);
    throw error;
  }
}

/**
 * Creates a container in a task and returns its UPID. A taken id is refused at once with HTTP 500; what
 * fails later leaves neither volume nor config behind.
 */
export async function createGuest(
  lab: LabContext,
  user: Identity,
  params: Params,
): Promise<string> {
  const wanted = await plan(lab, user, params);
  const { node, vmid } = wanted;
  const failure = `unable to create CT ${vmid} - `;
  await prefixed(failure, () =>
    lab.guests.locked(vmid, async () => {
      await lab.guests.assertFree(vmid);
      const reserved = withKeys(emptyGuestConfig(), new Map([["lock", "create"]]));
      await lab.guests.save(node, vmid, reserved);
    }),
  );
  return lab.tasks.start(
    { node, type: "vzcreate", id: String(vmid), user: user.user },
    async (log) => {
      await lab.guests.locked(vmid, async () => {
        try {
          await prefixed(failure, () => build(lab, wanted, log));
        } catch (error) {
          await lab.guests.remove(node, vmid);
          throw error;
        }
        if (wanted.pool !== undefined) await addToPool(lab.backend, wanted.pool, vmid);
      });
      if (wanted.start) await startGuest(lab, node, vmid, log);
    },
  );
}

async function prefixed<T>(prefix: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new BackendError(
      `${prefix}${error.message}`,
      error instanceof BackendError ? error.status : 500,
    );
  }
}
