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
export function GET({ user, params }: Call): Reply {
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
