import { BackendError } from "../../../backend/backend";
import {
  formatInterfaces,
  parseInterfaces,
  type InterfacesFile,
} from "../../../pve/interfaces-file";
import { lineDiff } from "../../../pve/line-diff";
import { interfaceRecords, withBridge } from "../../../pve/node-network";
import { checkFormat } from "../../../schema/formats";
import type { Call, Json, LabContext, Reply } from "../../../server/context";
import type { Identity } from "../../../server/identity";
import { ParameterError } from "../../../server/parameter-error";

const LIVE = "/etc/network/interfaces";
const STAGED = `${LIVE}.new`;

interface NodeNetwork {
  readonly node: string;
  readonly live: string;
  /** The staged text, or the live one when nothing is staged. */
  readonly text: string;
  readonly file: InterfacesFile;
}

/** The staged file wins, as on a node; interfaces.d is never read here (docs/proxmox/network.md 2). */
export async function readNetwork(lab: LabContext, node: string): Promise<NodeNetwork> {
  const live = (await lab.backend.readFile(node, LIVE)) ?? "";
  const text = (await lab.backend.readFile(node, STAGED)) ?? live;
  return { node, live, text, file: parseInterfaces(text) };
}

export function records({ live, file }: NodeNetwork): ReturnType<typeof interfaceRecords> {
  const up = new Set(parseInterfaces(live).stanzas.map(({ iface }) => iface));
  return interfaceRecords(file, up);
}

export async function stage(lab: LabContext, node: string, file: InterfacesFile): Promise<void> {
  await lab.backend.writeFile(node, STAGED, formatInterfaces(file));
}

/** The name in the path; checked here too, so that a lab without the official schema refuses it as well. */
export function ifaceOf({ params }: Call): string {
  const iface = params.required("iface");
  const complaint =
    checkFormat("pve-iface", iface) ??
    (iface.length > 20 ? "value may only be 20 characters long" : undefined);
  if (complaint !== undefined)
    throw new ParameterError({ iface: `invalid format - ${complaint}\n` });
  return iface;
}

/** A bridge is shown to those only who may use or look at it (docs/proxmox/permissions.md 1). */
const maySee = (user: Identity, bridge: string): boolean =>
  user.hasAny(`/sdn/zones/localnetwork/${bridge}`, "SDN.Audit", "SDN.Use");

/** GET /nodes/{node}/network: the staged state; attribute `changes` holds what a reload would change. */
export async function GET({ lab, user, params }: Call): Promise<Reply> {
  const network = await readNetwork(lab, params.required("node"));
  const type = params.text("type");
  const bridges = ["any_bridge", "any_local_bridge"];
  const data: Json[] = [...records(network).values()].filter((record) => {
    const isBridge = record["type"] === "bridge";
    if (isBridge && !maySee(user, String(record["iface"]))) return false;
    return type === undefined || record["type"] === type || (bridges.includes(type) && isBridge);
  });
  const changes = lineDiff(LIVE, network.live, network.text);
  return changes === "" ? { data } : { data, changes };
}

/** POST /nodes/{node}/network: stages a new interface. */
export async function POST(call: Call): Promise<Reply> {
  const network = await readNetwork(call.lab, call.params.required("node"));
  if (records(network).has(ifaceOf(call))) {
    throw new ParameterError({ iface: "interface already exists" });
  }
  await stage(call.lab, network.node, withBridge(network.file, call.params, undefined));
  return { data: null };
}

/** PUT /nodes/{node}/network: makes the staged file live and runs `ifreload -a` in a task. */
export function PUT({ lab, user, params }: Call): Reply {
  const node = params.required("node");
  const task = { node, type: "srvreload", id: "networking", user: user.user };
  const upid = lab.tasks.start(task, async (log) => {
    const staged = await lab.backend.readFile(node, STAGED);
    if (staged !== undefined) {
      await lab.backend.writeFile(node, LIVE, staged);
      await lab.backend.removeFile(node, STAGED);
    }
    const { code, output } = await lab.backend.reloadNetwork(node);
    if (output.trim() !== "") log.line(output);
    if (code !== 0) throw new BackendError(`command 'ifreload -a' failed: exit code ${code}`);
  });
  return { data: upid };
}

/** DELETE /nodes/{node}/network: drops everybody's staged changes. */
export async function DELETE({ lab, params }: Call): Promise<Reply> {
  await lab.backend.removeFile(params.required("node"), STAGED);
  return { data: null };
}
