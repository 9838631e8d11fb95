import { mayGrantOn } from "../../access/grants";
import { privilegesOn } from "../../access/permissions";
import type { UserConfig } from "../../access/user-config";
import type { Call, Json, Reply } from "../../server/context";

/** Paths that are shown whether an ACL names them or not. */
const TOP = ["/", "/access", "/access/groups", "/nodes", "/pool", "/sdn", "/storage", "/vms"];

const shown = (config: UserConfig, subject: string, path: string): Record<string, number> =>
  Object.fromEntries(
    [...privilegesOn(config, subject, path)].map(([name, propagate]) => [name, propagate ? 1 : 0]),
  );

/** GET /access/permissions: one's own, or with Sys.Audit on /access somebody else's; by path, 1 where inherited below. */
export function effectivePermissions({ user, params }: Call): Reply {
  const { config } = user;
  const subject = params.text("userid") ?? user.user;
  if (subject !== user.user) user.require("/access", "Sys.Audit");
  const path = params.text("path");
  const paths =
    path === undefined
      ? [...new Set([...TOP, ...config.acl.map((entry) => entry.path), ...config.pools.keys()])]
      : [path];
  const data: Record<string, Json> = {};
  for (const here of paths) {
    const privileges = shown(config, subject, here);
    if (path !== undefined || Object.keys(privileges).length > 0) data[here] = privileges;
  }
  return { data };
}

/** GET /access/acl: entries on paths whose permissions the caller may change, or all with Sys.Audit on /access. */
export function listAcl({ user }: Call): Reply {
  const seesAll = user.has("/access", "Sys.Audit");
  const visible = user.config.acl.filter(({ path }) => seesAll || mayGrantOn(user, path));
  return {
    data: visible.map(({ path, propagate, subject, role }) => ({
      path,
      propagate: propagate ? 1 : 0,
      type: kindOf(subject),
      ugid: subject.replace(/^@/, ""),
      roleid: role,
    })),
  };
}

const kindOf = (subject: string): string =>
  subject.startsWith("@") ? "group" : subject.includes("!") ? "token" : "user";

/** GET /access/roles; `special` marks those that every node has. */
export function listRoles({ user }: Call): Reply {
  return {
    data: [...user.config.roles].map(([roleid, privileges]) => ({
      roleid,
      privs: privileges.join(","),
      special: ["Administrator", "NoAccess"].includes(roleid) ? 1 : 0,
    })),
  };
}

/** GET /access/users: oneself, or everybody with User.Modify or Sys.Audit on /access/groups. */
export function listUsers({ user, params }: Call): Reply {
  const self = user.user.split("!")[0] ?? "";
  const seesAll = user.hasAny("/access/groups", "User.Modify", "Sys.Audit");
  const wanted = params.text("enabled") === undefined ? undefined : params.flag("enabled");
  const visible = [...user.config.users]
    .filter(([userid]) => seesAll || userid === self)
    .filter(([, { enable }]) => wanted === undefined || wanted === enable);
  return {
    data: visible.map(([userid, { enable, expire, comment }]) => ({
      userid,
      enable: enable ? 1 : 0,
      expire,
      ...(comment === "" ? {} : { comment }),
      ...(params.flag("full") ? { tokens: tokensOf(user.config, userid) } : {}),
    })),
  };
}

const tokensOf = ({ tokens }: UserConfig, userid: string): readonly Json[] =>
  [...tokens]
    .filter(([name]) => name.startsWith(`${userid}!`))
    .map(([name, { expire, privsep }]) => ({
      tokenid: name.slice(userid.length + 1),
      expire,
      privsep: privsep ? 1 : 0,
    }));
