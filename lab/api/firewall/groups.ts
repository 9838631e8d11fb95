import { BackendError } from "../../backend/backend";
import type { Call, Reply } from "../../server/context";
import { ParameterError } from "../../server/parameter-error";
import type { FirewallFile, FirewallGroup } from "../../pve/firewall/file";
import type { FirewallRule } from "../../pve/firewall/rule";
import { changeFirewall, readFirewall } from "./file";

function findGroup(file: FirewallFile, name: string): FirewallGroup {
  const group = file.groups.find((entry) => entry.name === name);
  if (group === undefined) throw new BackendError(`no such security group '${name}'`, 400);
  return group;
}

const replaced = (
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
  return replaced(file, group, { ...group, rules });
}

/** GET /cluster/firewall/groups. */
export async function listGroups(call: Call): Promise<Reply> {
  const { file, digest } = await readFirewall(call);
  return { data: file.groups.map(({ name, comment }) => ({ group: name, comment, digest })) };
}

/** POST /cluster/firewall/groups: makes a group, or changes the one called `rename`. */
export async function createGroup(call: Call): Promise<Reply> {
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
    return replaced(file, old, { ...old, name, comment: comment ?? old.comment });
  });
  return { data: null };
}

/** DELETE /cluster/firewall/groups/{group}: only an empty group goes. */
export async function deleteGroup(call: Call): Promise<Reply> {
  await changeFirewall(call, (file) => {
    const group = findGroup(file, call.params.required("group"));
    if (group.rules.length > 0) {
      throw new BackendError(`Security group '${group.name}' is not empty`);
    }
    return { ...file, groups: file.groups.filter((entry) => entry !== group) };
  });
  return { data: null };
}
