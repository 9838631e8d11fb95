import { mayGrantOn } from "../../access/grants";
import type { Call, Reply } from "../../server/context";

/** GET /access/acl: entries on paths whose permissions the caller may change, or all with Sys.Audit on /access. */
export function GET({ user }: Call): Reply {
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
