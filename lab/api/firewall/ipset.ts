import type { FirewallFile, FirewallIpset } from "../../pve/firewall/file";
import type { Call, Reply } from "../../server/context";
import { assertNew, changeFirewall, named, readFirewall } from "../../server/firewall-file";

/** The file with one set in another's place. */
export const withIpset = (
  file: FirewallFile,
  old: FirewallIpset,
  changed: FirewallIpset,
): FirewallFile => ({
  ...file,
  ipsets: file.ipsets.map((entry) => (entry === old ? changed : entry)),
});

/** GET .../firewall/ipset. */
export async function GET(call: Call): Promise<Reply> {
  const { file, digest } = await readFirewall(call);
  return { data: file.ipsets.map(({ name, comment }) => ({ name, comment, digest })) };
}

/** POST .../firewall/ipset: makes a set, or changes the one called `rename`. */
export async function POST(call: Call): Promise<Reply> {
  const { params } = call;
  const name = params.required("name");
  const rename = params.filled("rename");
  await changeFirewall(call, (file) => {
    if (rename === undefined || rename !== name) assertNew(file.ipsets, name, "IPSet");
    if (rename === undefined) {
      const ipset = { name, comment: params.text("comment") ?? "", entries: [] };
      return { ...file, ipsets: [...file.ipsets, ipset] };
    }
    const old = named(file.ipsets, rename, "IPSet");
    return withIpset(file, old, { ...old, name, comment: params.text("comment") ?? old.comment });
  });
  return { data: null };
}
