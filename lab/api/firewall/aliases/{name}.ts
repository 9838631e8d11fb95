import type { Call, Reply } from "../../../server/context";
import { changeFirewall, named, readFirewall } from "../../../server/firewall-file";
import { shownAlias } from "../aliases";

/** GET .../firewall/aliases/{name}. */
export async function GET(call: Call): Promise<Reply> {
  const { file } = await readFirewall(call);
  return { data: shownAlias(named(file.aliases, call.params.required("name"), "alias")) };
}

/** PUT .../firewall/aliases/{name}. */
export async function PUT(call: Call): Promise<Reply> {
  const { params } = call;
  const name = params.required("name");
  await changeFirewall(call, (file) => {
    const old = named(file.aliases, name, "alias");
    const changed = {
      name: params.filled("rename") ?? name,
      cidr: params.required("cidr"),
      comment: params.text("comment") ?? old.comment,
    };
    return { ...file, aliases: file.aliases.map((entry) => (entry === old ? changed : entry)) };
  });
  return { data: null };
}

/** DELETE .../firewall/aliases/{name}. */
export async function DELETE(call: Call): Promise<Reply> {
  const name = call.params.required("name");
  await changeFirewall(call, (file) => {
    const old = named(file.aliases, name, "alias");
    return { ...file, aliases: file.aliases.filter((entry) => entry !== old) };
  });
  return { data: null };
}
