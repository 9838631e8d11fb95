import type { Call, Reply } from "../../server/context";

/** GET /access/roles; `special` marks those that every node has. */
export function GET({ user }: Call): Reply {
  return {
    data: [...user.config.roles].map(([roleid, privileges]) => ({
      roleid,
      privs: privileges.join(","),
      special: ["Administrator", "NoAccess"].includes(roleid) ? 1 : 0,
    })),
  };
}
