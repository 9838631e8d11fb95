/** How the Proxmox API is reached, as the provider's configuration says it. */
import type { Problem } from "./problem";
import { show } from "./schema/messages";

/** As they stand in the stack's configuration; undefined where nothing is set. */
export interface WrittenAccess {
  readonly endpoint: string | undefined;
  readonly apiToken: string | undefined;
}

/** Everything wrong with them. No message shows the token. */
export function checkAccess({ endpoint, apiToken }: WrittenAccess): readonly Problem[] {
  return [
    ...problem("endpoint", endpointProblem(endpoint)),
    ...problem("apiToken", tokenProblem(apiToken)),
  ];
}

function problem(key: string, message: string | undefined): readonly Problem[] {
  return message === undefined ? [] : [{ path: `proxmoxve:${key}`, message }];
}

function endpointProblem(endpoint: string | undefined): string | undefined {
  const remedy = "Set it with `pulumi config set proxmoxve:endpoint https://NODE:8006`.";
  if (endpoint === undefined || endpoint === "") return `is missing. ${remedy}`;
  return URL.canParse(endpoint) && new URL(endpoint).protocol === "https:"
    ? undefined
    : `${show(endpoint)} is not an HTTPS address. ${remedy}`;
}

function tokenProblem(token: string | undefined): string | undefined {
  const remedy =
    "Set it with `pulumi config set --secret proxmoxve:apiToken USER@REALM!NAME=UUID`.";
  if (token === undefined || token === "") return `is missing. ${remedy}`;
  return /^[^\s@!=]+@[^\s!=]+![^\s!=]+=\S+$/.test(token)
    ? undefined
    : `is not an API token, which is a user, a name and a value. ${remedy}`;
}
