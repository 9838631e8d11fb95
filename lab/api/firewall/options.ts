import { BackendError } from "../../backend/backend";
import type { Call, Json, Reply } from "../../server/context";
import { unenforcedOption } from "../../firewall/unenforced";
import { changeFirewall, kindOf, readFirewall } from "../../server/firewall-file";

const NOT_OPTIONS = new Set(["node", "vmid", "delete", "digest"]);

/** GET .../firewall/options: switches as 0 and 1, the rest as texts. */
export async function GET(call: Call): Promise<Reply> {
  const { file, digest } = await readFirewall(call);
  const data: Record<string, Json> = { digest };
  for (const [key, value] of file.options) data[key] = /^[01]$/.test(value) ? Number(value) : value;
  return { data };
}

/** PUT .../firewall/options: sets what is sent, drops what `delete` names. */
export async function PUT(call: Call): Promise<Reply> {
  const kind = kindOf(call);
  for (const [key, value] of call.params.entries()) {
    const reason = unenforcedOption(kind, key, value);
    if (reason !== undefined && value !== "") throw new BackendError(reason, 501);
  }
  await changeFirewall(call, (file) => {
    const options = new Map(file.options);
    for (const key of call.params.list("delete")) options.delete(key);
    for (const [key, value] of call.params.entries()) {
      if (!NOT_OPTIONS.has(key) && value !== "") options.set(key, value);
    }
    return { ...file, options };
  });
  return { data: null };
}
