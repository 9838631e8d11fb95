import type { Call, Reply } from "../../../../server/context";
import { changeFirewall, named } from "../../../../server/firewall-file";
import { withIpset } from "../../ipset";

/** DELETE .../firewall/ipset/{name}/{cidr}. */
export async function DELETE(call: Call): Promise<Reply> {
  const cidr = call.params.required("cidr");
  await changeFirewall(call, (file) => {
    const old = named(file.ipsets, call.params.required("name"), "IPSet");
    const entries = old.entries.filter((entry) => entry.cidr !== cidr);
    return withIpset(file, old, { ...old, entries });
  });
  return { data: null };
}
