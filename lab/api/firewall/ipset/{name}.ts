import { BackendError } from "../../../backend/backend";
import type { Call, Reply } from "../../../server/context";
import { changeFirewall, named, readFirewall } from "../../../server/firewall-file";
import { ParameterError } from "../../../server/parameter-error";
import { withIpset } from "../ipset";

/** GET .../firewall/ipset/{name}. */
export async function GET(call: Call): Promise<Reply> {
  const { file, digest } = await readFirewall(call);
  const { entries } = named(file.ipsets, call.params.required("name"), "IPSet");
  return {
    data: entries.map(({ cidr, nomatch, comment }) => ({
      cidr,
      comment,
      digest,
      ...(nomatch ? { nomatch: 1 } : {}),
    })),
  };
}

/** POST .../firewall/ipset/{name}. */
export async function POST(call: Call): Promise<Reply> {
  const { params } = call;
  const cidr = params.required("cidr");
  const entry = { cidr, nomatch: params.flag("nomatch"), comment: params.text("comment") ?? "" };
  await changeFirewall(call, (file) => {
    const old = named(file.ipsets, params.required("name"), "IPSet");
    if (old.entries.some((present) => present.cidr === cidr)) {
      throw new ParameterError({ cidr: `address '${cidr}' already exists` });
    }
    return withIpset(file, old, { ...old, entries: [...old.entries, entry] });
  });
  return { data: null };
}

/** DELETE .../firewall/ipset/{name}: only an empty set goes. */
export async function DELETE(call: Call): Promise<Reply> {
  const name = call.params.required("name");
  await changeFirewall(call, (file) => {
    const old = named(file.ipsets, name, "IPSet");
    if (old.entries.length > 0 && !call.params.flag("force")) {
      throw new BackendError(`IPSet '${name}' is not empty`);
    }
    return { ...file, ipsets: file.ipsets.filter((entry) => entry !== old) };
  });
  return { data: null };
}
