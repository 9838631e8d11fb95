import type { Call, Reply } from "../../server/context";
import { ParameterError } from "../../server/parameter-error";

/** GET /cluster/nextid: the lowest free id as a text, or a 400 when the wanted one is taken. */
export async function GET({ lab, params }: Call): Promise<Reply> {
  const wanted = params.integer("vmid");
  if (wanted !== undefined) {
    const node = await lab.guests.nodeOf(wanted);
    if (node !== undefined) throw new ParameterError({ vmid: `VM ${wanted} already exists` });
    return { data: String(wanted) };
  }
  let id = 100;
  while ((await lab.guests.nodeOf(id)) !== undefined) id++;
  return { data: String(id) };
}
