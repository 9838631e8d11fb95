/** The node that environment variables name, for the API's contract: `make test-node`. */
import type { ApiSubject, Trial } from "../api-contract";
import { Client } from "./client";

/** The variables; lab/README.md says what each is. */
type Environment = Readonly<Record<string, string | undefined>>;

/** True when a node is named at all. */
export const namesNode = (env: Environment): boolean => (env["PVE_ENDPOINT"] ?? "") !== "";

/** True when the contract may make a container there. */
export const mayWrite = (env: Environment): boolean => env["PVE_WRITE"] === "1";

function need(env: Environment, name: string): string {
  const value = env[name] ?? "";
  if (value !== "") return value;
  throw new Error(`${name} is not set: lab/README.md, section "A real node", says what it is.`);
}

function trialOf(env: Environment): Trial {
  return {
    vmid: Number(need(env, "PVE_VMID")),
    template: need(env, "PVE_TEMPLATE"),
    storage: need(env, "PVE_STORAGE"),
    bridge: env["PVE_BRIDGE"] ?? "vmbr0",
  };
}

/** The subject that the variables describe; throws, with the remedy, when one is missing. */
export function nodeOf(env: Environment): ApiSubject {
  const endpoint = need(env, "PVE_ENDPOINT");
  if (!endpoint.startsWith("https://")) {
    throw new Error(`PVE_ENDPOINT is ${endpoint}: it begins with https://, as Proxmox's API does.`);
  }
  const authorization = `PVEAPIToken=${need(env, "PVE_TOKEN")}`;
  return {
    client: new Client(endpoint, { authorization }),
    stranger: new Client(endpoint, {}),
    node: need(env, "PVE_NODE"),
    ...(mayWrite(env) ? { trial: trialOf(env) } : {}),
    close: () => Promise.resolve(),
  };
}
