import { PRIVILEGES } from "./privileges";
import type { AclEntry, UserConfig } from "./user-config";

/** What somebody has on a path: the privilege or role, and whether paths below inherit it. */
export type Granted = ReadonlyMap<string, boolean>;

/** The one user for whom nothing is looked up; its tokens are looked up like any other. */
export const ROOT_USER = "root@pam";

/** The user that a token belongs to, or undefined for a user. */
export const ownerOf = (subject: string): string | undefined =>
  subject.includes("!") ? subject.slice(0, subject.indexOf("!")) : undefined;

const granted = (entries: readonly AclEntry[]): Granted =>
  new Map(entries.map(({ role, propagate }) => [role, propagate]));

/** `/` and every path on the way to this one. */
function waypoints(path: string): readonly string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return ["/", ...parts.map((_, at) => `/${parts.slice(0, at + 1).join("/")}`)];
}

/**
 * Roles on a path, found from the top down: an entry nearer to the path replaces what was inherited, and
 * one for the user or token itself goes before those of its groups.
 */
function rolesOn({ acl, groups }: UserConfig, subject: string, path: string): Granted {
  const way = waypoints(path);
  let roles: Granted = new Map();
  for (const here of way) {
    const valid = acl.filter(
      (entry) => entry.path === here && (entry.propagate || here === way.at(-1)),
    );
    const own = valid.filter((entry) => entry.subject === subject);
    const byGroup = valid.filter(
      (entry) =>
        entry.subject.startsWith("@") &&
        (groups.get(entry.subject.slice(1)) ?? []).includes(subject),
    );
    if (own.length > 0) roles = granted(own);
    else if (byGroup.length > 0) roles = granted(byGroup);
  }
  return roles.has("NoAccess") ? new Map([["NoAccess", false]]) : roles;
}

/** Roles on a path, those on the pools included that the path is a member of; NoAccess does not trump these. */
function rolesWithPools(config: UserConfig, subject: string, path: string): Granted {
  const direct = rolesOn(config, subject, path);
  const pooled = (config.pools.get(path) ?? []).flatMap((pool) => [
    ...rolesOn(config, subject, `/pool/${pool}`).keys(),
  ]);
  if (pooled.length === 0) return direct;
  const base = direct.has("NoAccess") ? new Map<string, boolean>() : direct;
  return new Map([...pooled.map((role) => [role, false] as const), ...base]);
}

/** The privileges that a user or token has on a path, as Proxmox finds them (docs/proxmox/permissions.md 3). */
export function privilegesOn(config: UserConfig, subject: string, path: string): Granted {
  if (subject === ROOT_USER) return new Map(PRIVILEGES.map((name) => [name, true]));
  const owner = ownerOf(subject);
  const token = config.tokens.get(subject);
  if (owner !== undefined && token === undefined) return new Map();
  if (owner !== undefined && token?.privsep === false) return privilegesOn(config, owner, path);
  const found = new Map<string, boolean>();
  for (const [role, propagate] of rolesWithPools(config, subject, path)) {
    for (const privilege of config.roles.get(role) ?? []) {
      found.set(privilege, propagate || found.get(privilege) === true);
    }
  }
  if (owner === undefined) return found;
  const limit = privilegesOn(config, owner, path);
  return new Map([...found].filter(([privilege]) => limit.has(privilege)));
}
