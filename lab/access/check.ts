import { PermissionError, type Identity } from "../server/identity";
import { permissionOf, type Check } from "./method-checks";

/** The path with its parameters filled in; an absent one is empty, as in Proxmox. */
const filled = (path: string, values: ReadonlyMap<string, string>): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => values.get(name) ?? "");

function passes(check: Check, user: Identity, values: ReadonlyMap<string, string>): boolean {
  try {
    assertCheck(check, user, values);
    return true;
  } catch (error) {
    if (error instanceof PermissionError) return false;
    throw error;
  }
}

function assertCheck(check: Check, user: Identity, values: ReadonlyMap<string, string>): void {
  if (check[0] === "perm") {
    const [, path, privileges, mode] = check;
    if (mode === "any") user.requireAny(filled(path, values), ...privileges);
    else user.require(filled(path, values), ...privileges);
    return;
  }
  const [mode, ...parts] = check;
  if (mode === "and") for (const part of parts) assertCheck(part, user, values);
  else if (!parts.some((part) => passes(part, user, values))) throw new PermissionError();
}

/** Refuses with 403 what a caller may not call at all; what a method looks at closer, it does itself. */
export function assertMayCall(
  user: Identity,
  method: { readonly method: string; readonly path: string },
  values: ReadonlyMap<string, string>,
): void {
  if (user.isRoot) return;
  const permission = permissionOf(method.method, method.path);
  if (permission === undefined) throw new PermissionError("user != root@pam");
  if ("check" in permission) assertCheck(permission.check, user, values);
}
