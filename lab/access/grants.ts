import type { Identity } from "../server/identity";

/** Privileges besides Permissions.Modify that allow granting permissions below a path. */
const BY_KIND: readonly (readonly [RegExp, string])[] = [
  [/^\/storage\/./, "Datastore.Allocate"],
  [/^\/vms\/./, "VM.Allocate"],
  [/^\/pool\/./, "Pool.Allocate"],
  [/^\/sdn\/./, "SDN.Allocate"],
];

/** Privileges of which one is needed to change who may what on a path. */
export const grantPrivileges = (path: string): readonly string[] => [
  "Permissions.Modify",
  ...BY_KIND.filter(([pattern]) => pattern.test(path)).map(([, privilege]) => privilege),
];

/** Whether the caller may change who may what on a path. */
export const mayGrantOn = (user: Identity, path: string): boolean =>
  user.hasAny(path, ...grantPrivileges(path));
