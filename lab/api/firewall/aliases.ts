import { isIPv6 } from "node:net";

import type { FirewallAlias } from "../../pve/firewall/file";
import type { Call, Reply } from "../../server/context";
import { assertNew, changeFirewall, readFirewall } from "../../server/firewall-file";

const versionOf = (cidr: string): number => (isIPv6(cidr.split("/")[0] ?? "") ? 6 : 4);

/** An alias with its family, 4 or 6. */
export const shownAlias = (alias: FirewallAlias) => ({
  ...alias,
  ipversion: versionOf(alias.cidr),
});

/** GET .../firewall/aliases. */
export async function GET(call: Call): Promise<Reply> {
  return { data: (await readFirewall(call)).file.aliases.map(shownAlias) };
}

/** POST .../firewall/aliases. */
export async function POST(call: Call): Promise<Reply> {
  const { params } = call;
  const alias = {
    name: params.required("name"),
    cidr: params.required("cidr"),
    comment: params.text("comment") ?? "",
  };
  await changeFirewall(call, (file) => {
    assertNew(file.aliases, alias.name, "alias");
    return { ...file, aliases: [...file.aliases, alias] };
  });
  return { data: null };
}
