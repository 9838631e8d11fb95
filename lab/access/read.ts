import { BackendError, type Backend } from "../backend/backend";
import { parseUserConfig, type UserConfig } from "./user-config";

/** Where every node shows the cluster's users, roles, tokens and permissions. */
export const USER_CONFIG = "/etc/pve/user.cfg";

/** Reads user.cfg from the first node that answers; a missing file knows nobody. */
export async function readUserConfig(backend: Backend): Promise<UserConfig> {
  let unreachable: BackendError | undefined;
  for (const node of backend.nodes) {
    try {
      return parseUserConfig((await backend.readFile(node, USER_CONFIG)) ?? "");
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
      unreachable = error;
    }
  }
  throw unreachable ?? new BackendError("the lab has no node");
}
