import { isIPv6 } from "node:net";

import { BackendError } from "../../backend/backend";
import type { Call, Reply } from "../../server/context";
import { ParameterError } from "../../server/parameter-error";
import type { FirewallAlias, FirewallFile, FirewallIpset } from "../../pve/firewall/file";
import { changeFirewall, readFirewall } from "./file";

const versionOf = (cidr: string): number => (isIPv6(cidr.split("/")[0] ?? "") ? 6 : 4);
const shownAlias = (alias: FirewallAlias) => ({ ...alias, ipversion: versionOf(alias.cidr) });

function named<T extends { readonly name: string }>(
  list: readonly T[],
  name: string,
  kind: string,
): T {
  const found = list.find((entry) => entry.name === name);
  if (found === undefined) throw new BackendError(`no such ${kind} '${name}'`, 400);
  return found;
}

function assertNew(list: readonly { readonly name: string }[], name: string, kind: string): void {
  if (list.some((entry) => entry.name === name)) {
    throw new ParameterError({ name: `${kind} '${name}' already exists` });
  }
}

/** GET .../firewall/aliases. */
export async function listAliases(call: Call): Promise<Reply> {
  return { data: (await readFirewall(call)).file.aliases.map(shownAlias) };
}

/** GET .../firewall/aliases/{name}. */
export async function getAlias(call: Call): Promise<Reply> {
  const { file } = await readFirewall(call);
  return { data: shownAlias(named(file.aliases, call.params.required("name"), "alias")) };
}

/** POST .../firewall/aliases. */
export async function createAlias(call: Call): Promise<Reply> {
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

/** PUT .../firewall/aliases/{name}. */
export async function updateAlias(call: Call): Promise<Reply> {
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
export async function deleteAlias(call: Call): Promise<Reply> {
  const name = call.params.required("name");
  await changeFirewall(call, (file) => {
    const old = named(file.aliases, name, "alias");
    return { ...file, aliases: file.aliases.filter((entry) => entry !== old) };
  });
  return { data: null };
}

/** GET .../firewall/ipset. */
export async function listIpsets(call: Call): Promise<Reply> {
  const { file, digest } = await readFirewall(call);
  return { data: file.ipsets.map(({ name, comment }) => ({ name, comment, digest })) };
}

/** POST .../firewall/ipset: makes a set, or changes the one called `rename`. */
export async function createIpset(call: Call): Promise<Reply> {
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
    return replaced(file, old, { ...old, name, comment: params.text("comment") ?? old.comment });
  });
  return { data: null };
}

const replaced = (
  file: FirewallFile,
  old: FirewallIpset,
  changed: FirewallIpset,
): FirewallFile => ({
  ...file,
  ipsets: file.ipsets.map((entry) => (entry === old ? changed : entry)),
});

/** DELETE .../firewall/ipset/{name}: only an empty set goes. */
export async function deleteIpset(call: Call): Promise<Reply> {
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

/** GET .../firewall/ipset/{name}. */
export async function listEntries(call: Call): Promise<Reply> {
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
export async function addEntry(call: Call): Promise<Reply> {
  const { params } = call;
  const cidr = params.required("cidr");
  const entry = { cidr, nomatch: params.flag("nomatch"), comment: params.text("comment") ?? "" };
  await changeFirewall(call, (file) => {
    const old = named(file.ipsets, params.required("name"), "IPSet");
    if (old.entries.some((present) => present.cidr === cidr)) {
      throw new ParameterError({ cidr: `address '${cidr}' already exists` });
    }
    return replaced(file, old, { ...old, entries: [...old.entries, entry] });
  });
  return { data: null };
}

/** DELETE .../firewall/ipset/{name}/{cidr}. */
export async function deleteEntry(call: Call): Promise<Reply> {
  const cidr = call.params.required("cidr");
  await changeFirewall(call, (file) => {
    const old = named(file.ipsets, call.params.required("name"), "IPSet");
    const entries = old.entries.filter((entry) => entry.cidr !== cidr);
    return replaced(file, old, { ...old, entries });
  });
  return { data: null };
}
