/** Proxmox's `pvesm` on a node, as far as it is needed: `list STORAGE [--vmid VMID]` and `free VOLUME`. */
import type { Json } from "../server/context";
import type { ApiRequest } from "../server/dispatch";
import { parseArguments } from "../pct/arguments";
import { runPvesh, type PveshHost, type PveshResult } from "../pvesh/run";

/** What `pvesm` needs: the node it runs on, and what `pvesh` needs. */
export interface PvesmHost extends PveshHost {
  readonly node: string;
}

/** Runs one `pvesm` command line (without `pvesm` itself) as root on a node. */
export async function runPvesm(host: PvesmHost, args: readonly string[]): Promise<PveshResult> {
  const [verb = "help", ...rest] = args;
  const { options, positional } = parseArguments(rest);
  const [name = ""] = positional;
  const storages = `/nodes/${host.node}/storage`;
  if (verb === "list" && name !== "")
    return list(host, `nodes/${host.node}/storage/${name}/content`.split("/"), options);
  if (verb === "free" && name.includes(":")) {
    const [storage = "", volume = ""] = name.split(":");
    const path = `${storages}/${storage}/content/${encodeURIComponent(volume)}`;
    return runPvesh(host, ["delete", path]);
  }
  return { code: 255, output: `pvesm ${verb}: the lab knows list STORAGE and free VOLUME\n` };
}

async function list(
  host: PvesmHost,
  segments: readonly string[],
  values: ApiRequest["values"],
): Promise<PveshResult> {
  const { data } = await host.call({ method: "GET", segments, values });
  const rows = (Array.isArray(data) ? data : []).map((volume: Json) =>
    ["volid", "format", "content", "size", "vmid"].map((key) => cell(volume, key)).join(" "),
  );
  return { code: 0, output: [`Volid Format Type Size VMID`, ...rows].join("\n") + "\n" };
}

function cell(volume: Json, key: string): string {
  if (typeof volume !== "object" || volume === null) return "";
  const value = Object.entries(volume).find(([name]) => name === key)?.[1];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
