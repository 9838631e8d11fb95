import type { Call, Json, Reply } from "../../../../../server/context";
import { splitList } from "../../../../../server/params";

/** GET /nodes/{node}/lxc/{vmid}/pending: every key with its present and its coming value. */
export async function GET({ lab, params }: Call): Promise<Reply> {
  const { current, pending } = await lab.guests.load(
    params.required("node"),
    Number(params.required("vmid")),
  );
  const dropped = new Set(splitList(pending.get("delete") ?? ""));
  const names = new Set([...current.keys.keys(), ...pending.keys()]);
  names.delete("delete");
  const data: Json[] = [...names].sort().map((key) => {
    const entry: Record<string, Json> = { key };
    const [value, coming] = [current.keys.get(key), pending.get(key)];
    if (value !== undefined) entry["value"] = value;
    if (coming !== undefined) entry["pending"] = coming;
    if (dropped.has(key)) entry["delete"] = 1;
    return entry;
  });
  return { data };
}
