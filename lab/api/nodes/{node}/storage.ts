import { BackendError, type Storage } from "../../../backend/backend";
import type { Call, Json, LabContext, Reply } from "../../../server/context";

export async function findStorage(lab: LabContext, node: string, name: string): Promise<Storage> {
  const storage = (await lab.backend.storages(node)).find((entry) => entry.storage === name);
  if (storage === undefined) throw new BackendError(`storage '${name}' does not exist`);
  return storage;
}

export const storageEntry = ({
  storage,
  type,
  content,
  total,
  used,
}: Storage): Record<string, Json> => ({
  storage,
  type,
  content: content.join(","),
  active: 1,
  enabled: 1,
  shared: 0,
  total,
  used,
  avail: total - used,
  used_fraction: total === 0 ? 0 : used / total,
});

/** GET /nodes/{node}/storage. */
export async function GET({ lab, user, params }: Call): Promise<Reply> {
  const wanted = params.list("content");
  const name = params.text("storage");
  const storages = await lab.backend.storages(params.required("node"));
  return {
    data: storages
      .filter(({ storage }) => name === undefined || name === storage)
      .filter(({ storage }) =>
        user.hasAny(`/storage/${storage}`, "Datastore.Audit", "Datastore.AllocateSpace"),
      )
      .filter(({ content }) => wanted.every((kind) => content.includes(kind)))
      .map(storageEntry),
  };
}
