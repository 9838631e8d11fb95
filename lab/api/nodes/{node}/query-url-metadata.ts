import type { Call, Reply } from "../../../server/context";

/** GET /nodes/{node}/query-url-metadata. */
export async function GET({ lab, params }: Call): Promise<Reply> {
  const answer = await lab.backend.urlMetadata(params.required("node"), params.required("url"));
  return { data: { ...answer } };
}
