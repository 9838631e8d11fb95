import type { UserConfig } from "../../access/user-config";
import type { Call, Json, Reply } from "../../server/context";

/** GET /access/users: oneself, or everybody with User.Modify or Sys.Audit on /access/groups. */
export function GET({ user, params }: Call): Reply {
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
