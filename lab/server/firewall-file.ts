import { createHash } from "node:crypto";

import { BackendError } from "../backend/backend";
import { formatFirewall, parseFirewall, type FirewallFile } from "../pve/firewall/file";
import type { FirewallKind } from "../pve/firewall/options";
import type { Call } from "./context";
import { ParameterError } from "./parameter-error";

/** Whose firewall a call is about. */
export const kindOf = ({ params }: Call): FirewallKind =>
  params.text("node") === undefined
    ? "cluster"
    : params.text("vmid") === undefined
      ? "host"
      : "guest";

/** Which .fw file a call is about: a guest's, a node's, or the cluster's. */
async function pathOf({
  lab,
  params,
}: Call): Promise<{ readonly node: string; readonly path: string; readonly kind: FirewallKind }> {
  const node = params.text("node");
  const vmid = params.text("vmid");
  const [first] = lab.backend.nodes;
  if (first === undefined) throw new BackendError("the lab has no node");
  if (node === undefined)
    return { node: first, path: "/etc/pve/firewall/cluster.fw", kind: "cluster" };
  if (vmid === undefined) return { node, path: `/etc/pve/nodes/${node}/host.fw`, kind: "host" };
  await lab.guests.load(node, Number(vmid));
  return { node, path: `/etc/pve/firewall/${vmid}.fw`, kind: "guest" };
}

/** The firewall file of a call and its digest; a missing file is an empty one. */
export async function readFirewall(
  call: Call,
): Promise<{ readonly file: FirewallFile; readonly digest: string }> {
  const { node, path, kind } = await pathOf(call);
  const text = (await call.lab.backend.readFile(node, path)) ?? "";
  return { file: parseFirewall(text, kind), digest: createHash("sha1").update(text).digest("hex") };
}

/** Changes the firewall file of a call; a wrong `digest` is refused. */
export async function changeFirewall(
  call: Call,
  change: (file: FirewallFile) => FirewallFile,
): Promise<void> {
  const { node, path, kind } = await pathOf(call);
  await call.lab.guests.lockedFile(path, async () => {
    const { file, digest } = await readFirewall(call);
    const expected = call.params.text("digest");
    if (expected !== undefined && expected !== digest) {
      throw new BackendError(
        "detected modified configuration - file changed by other user? Try again.",
      );
    }
    const text = formatFirewall(change(file));
    // A value that becomes a section or a line of another kind must not get into the file.
    if (formatFirewall(parseFirewall(text, kind)) !== text) {
      throw new BackendError("unable to write a firewall file that reads back", 400);
    }
    await call.lab.backend.writeFile(node, path, text);
  });
}

/** The entry of that name; a 400 when there is none. */
export function named<T extends { readonly name: string }>(
  list: readonly T[],
  name: string,
  kind: string,
): T {
  const found = list.find((entry) => entry.name === name);
  if (found === undefined) throw new BackendError(`no such ${kind} '${name}'`, 400);
  return found;
}

/** Refuses a name that is taken. */
export function assertNew(
  list: readonly { readonly name: string }[],
  name: string,
  kind: string,
): void {
  if (list.some((entry) => entry.name === name)) {
    throw new ParameterError({ name: `${kind} '${name}' already exists` });
  }
}
