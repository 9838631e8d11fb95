import type { FirewallFile, FirewallGroup } from "../../pve/firewall/file";
import type { FirewallRule } from "../../pve/firewall/rule";
import type { Call, Reply } from "../../server/context";
import { changeFirewall, named, readFirewall } from "../../server/firewall-file";
import { ParameterError } from "../../server/parameter-error";

/** The security group of that name; a 400 when there is none. */
export const findGroup = (file: FirewallFile, name: string): FirewallGroup =>
  named(file.groups, name, "security group");

const withGroup = (
  file: FirewallFile,
  old: FirewallGroup,
  changed: FirewallGroup,
): FirewallFile => ({
  ...file,
  groups: file.groups.map((entry) => (entry === old ? changed : entry)),
});

/** The rules that a call is about: a group's when the path names one, else the file's own. */
export function rulesOf({ params }: Call, file: FirewallFile): readonly FirewallRule[] {
  const name = params.text("group");
  return name === undefined ? file.rules : findGroup(file, name).rules;
}

/** The file with other rules in the place that rulesOf reads. */
export function withRules(
  { params }: Call,
  file: FirewallFile,
  rules: readonly FirewallRule[],
): FirewallFile {
  const name = params.text("group");
  if (name === undefined) return { ...file, rules };
  const group = findGroup(file, name);
  return withGroup(file, group, { ...group, rules });
}

/** GET /cluster/firewall/groups. */
export async function GET(call: Call): Promise<Reply> {
  const { file, digest } = await readFirewall(call);
  return { data: file.groups.map(({ name, comment }) => ({ group: name, comment, digest })) };
}

/** POST /cluster/firewall/groups: makes a group, or changes the one called `rename`. */
export async function POST(call: Call): Promise<Reply> {
  const { params } = call;
  const name = params.required("group");
  const rename = params.filled("rename");
  await changeFirewall(call, (file) => {
    if (rename !== name && file.groups.some((entry) => entry.name === name)) {
      throw new ParameterError({ group: `Security group '${name}' already exists` });
    }
    const comment = params.text("comment");
    if (rename === undefined) {
      const group = { name, comment: comment ?? "", rules: [] };
      return { ...file, groups: [...file.groups, group] };
    }
    const old = findGroup(file, rename);
    return withGroup(file, old, { ...old, name, comment: comment ?? old.comment });
  });
  return { data: null };
}
