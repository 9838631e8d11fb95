import { withBridge, withoutInterface } from "../../../../pve/node-network";
import type { Call, Reply } from "../../../../server/context";
import { ParameterError } from "../../../../server/parameter-error";
import { ifaceOf, readNetwork, records, stage } from "../network";

/** GET /nodes/{node}/network/{iface}. */
export async function GET(call: Call): Promise<Reply> {
  const record = records(await readNetwork(call.lab, call.params.required("node"))).get(
    ifaceOf(call),
  );
  if (record === undefined) throw new ParameterError({ iface: "interface does not exist" });
  return { data: record };
}

/** PUT /nodes/{node}/network/{iface}: stages a change; an address that is not sent again goes. */
export async function PUT(call: Call): Promise<Reply> {
  const network = await readNetwork(call.lab, call.params.required("node"));
  const record = records(network).get(ifaceOf(call));
  if (record === undefined) throw new ParameterError({ iface: "interface does not exist" });
  await stage(call.lab, network.node, withBridge(network.file, call.params, record));
  return { data: null };
}

/** DELETE /nodes/{node}/network/{iface}: stages a removal; guests on it do not stop that. */
export async function DELETE(call: Call): Promise<Reply> {
  const network = await readNetwork(call.lab, call.params.required("node"));
  const iface = ifaceOf(call);
  if (!records(network).has(iface)) {
    throw new ParameterError({ iface: "interface does not exist" });
  }
  await stage(call.lab, network.node, withoutInterface(network.file, iface));
  return { data: null };
}
