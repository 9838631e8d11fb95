import type { Call, Reply } from "../../../../../server/context";
import { findStorage, storageEntry } from "../../storage";

/** GET /nodes/{node}/storage/{storage}/status. */
export async function GET({ lab, params }: Call): Promise<Reply> {
  return {
    data: storageEntry(await findStorage(lab, params.required("node"), params.required("storage"))),
  };
}
