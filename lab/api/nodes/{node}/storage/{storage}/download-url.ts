import { BackendError } from "../../../../../backend/backend";
import type { Call, Reply } from "../../../../../server/context";
import { findStorage } from "../../storage";

/** POST /nodes/{node}/storage/{storage}/download-url: fetches a template in a task. */
export async function POST({ lab, user, params }: Call): Promise<Reply> {
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
