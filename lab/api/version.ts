import type { Reply, Call } from "../server/context";

/** GET /version; clients decide by it what they may send (docs/proxmox/provider-calls.md 1.3). */
export function GET({ lab }: Call): Reply {
  const release = lab.version.split(".").slice(0, 2).join(".");
  // A repository id has this form; the lab comes from none.
  return { data: { version: lab.version, release, repoid: "0000000000000000" } };
}
