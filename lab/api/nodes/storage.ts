import { maySeeVolume } from "../../access/volumes";
import { BackendError, type Storage } from "../../backend/backend";
import type { Call, Json, LabContext, Reply } from "../../server/context";

async function findStorage(lab: LabContext, node: string, name: string): Promise<Storage> {
  const storage = (await lab.backend.storages(node)).find((entry) => entry.storage === name);
  if (storage === undefined) throw new BackendError(`storage '${name}' does not exist`);
  return storage;
}

const entry = ({ storage, type, content, total, used }: Storage): Record<string, Json> => ({
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
export async function listStorage({ lab, user, params }: Call): Promise<Reply> {
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
      .map(entry),
  };
}

/** GET /nodes/{node}/storage/{storage}/status. */
export async function storageStatus({ lab, params }: Call): Promise<Reply> {
  return {
    data: entry(await findStorage(lab, params.required("node"), params.required("storage"))),
  };
}

/** GET /nodes/{node}/storage/{storage}/content. */
export async function listContent({ lab, user, params }: Call): Promise<Reply> {
  const node = params.required("node");
  const { storage } = await findStorage(lab, node, params.required("storage"));
  const content = params.text("content");
  const vmid = params.integer("vmid");
  const volumes = await lab.backend.volumes(node, storage);
  return {
    data: volumes
      .filter((volume) => maySeeVolume(user, volume))
      .filter((volume) => content === undefined || volume.content === content)
      .filter((volume) => vmid === undefined || volume.vmid === vmid)
      .map((volume) => ({ ...volume })),
  };
}

/** DELETE /nodes/{node}/storage/{storage}/content/{volume}: refused while a guest's config names it. */
export async function deleteContent({ lab, user, params }: Call): Promise<Reply> {
  const node = params.required("node");
  const { storage } = await findStorage(lab, node, params.required("storage"));
  const name = params.required("volume");
  const volid = name.includes(":") ? name : `${storage}:${name}`;
  const volume = (await lab.backend.volumes(node, storage)).find((entry) => entry.volid === volid);
  user.require(`/storage/${storage}`, "Datastore.Allocate");
  if (volume === undefined) throw new BackendError(`volume '${volid}' does not exist`, 404);
  if (volume.vmid !== undefined && (await lab.guests.nodeOf(volume.vmid)) !== undefined) {
    throw new BackendError(`cannot remove volume '${volid}' - it is in use by CT ${volume.vmid}`);
  }
  const task = { node, type: "imgdel", id: volid.replaceAll(":", "@"), user: user.user };
  return { data: lab.tasks.start(task, () => lab.backend.removeVolume(node, volid)) };
}

/** POST /nodes/{node}/storage/{storage}/download-url: fetches a template in a task. */
export async function downloadUrl({ lab, user, params }: Call): Promise<Reply> {
  const node = params.required("node");
  const { storage } = await findStorage(lab, node, params.required("storage"));
  const content = params.required("content");
  const filename = params.required("filename");
  if (content !== "vztmpl") {
    throw new BackendError(`downloads of '${content}' are not implemented in the lab`, 501);
  }
  for (const name of ["checksum", "compression"]) {
    if (params.text(name) !== undefined) {
      throw new BackendError(`'${name}' is not implemented in the lab`, 501);
    }
  }
  const volid = `${storage}:vztmpl/${filename}`;
  if ((await lab.backend.volumes(node, storage)).some((volume) => volume.volid === volid)) {
    throw new BackendError(`refusing to override existing file '${filename}'`);
  }
  const url = params.required("url");
  const task = { node, type: "download", id: filename, user: user.user };
  const upid = lab.tasks.start(task, async (log) => {
    log.line(`downloading ${url} to ${volid}`);
    await lab.backend.download(node, storage, filename, url);
  });
  return { data: upid };
}

/** GET /nodes/{node}/query-url-metadata. */
export async function urlMetadata({ lab, params }: Call): Promise<Reply> {
  const answer = await lab.backend.urlMetadata(params.required("node"), params.required("url"));
  return { data: { ...answer } };
}
