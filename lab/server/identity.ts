import { BackendError } from "../backend/backend";
import { privilegesOn, ROOT_USER, type Granted } from "../access/permissions";
import { parseUserConfig, type UserConfig } from "../access/user-config";

/** A refusal for want of a privilege: HTTP 403 in Proxmox's words. */
export class PermissionError extends BackendError {
  constructor(what?: string) {
    super(
      what === undefined ? "Permission check failed" : `Permission check failed (${what})`,
      403,
    );
  }
}

/** Who calls, and what that user or token may do. */
export class Identity {
  /** Only the very string `root@pam` passes root-only checks; its tokens do not (docs/proxmox/permissions.md 2). */
  readonly isRoot: boolean;

  constructor(
    /** A user, or a token whose name holds a `!`. */
    readonly user: string,
    readonly config: UserConfig,
  ) {
    this.isRoot = user === ROOT_USER;
  }

  /** The privileges on a path, each with whether paths below inherit it. */
  privileges(path: string): Granted {
    return privilegesOn(this.config, this.user, path);
  }

  /** Whether the caller has every one of the privileges on a path. */
  has(path: string, ...privileges: string[]): boolean {
    const granted = this.privileges(path);
    return privileges.every((name) => granted.has(name));
  }

  /** Whether the caller has one of the privileges on a path. */
  hasAny(path: string, ...privileges: string[]): boolean {
    return privileges.some((name) => this.has(path, name));
  }

  /** Throws a PermissionError that names the first privilege that is missing. */
  require(path: string, ...privileges: string[]): void {
    const missing = privileges.find((name) => !this.has(path, name));
    if (missing !== undefined) throw new PermissionError(`${path}, ${missing}`);
  }

  /** Throws a PermissionError that names all the privileges when the caller has none of them. */
  requireAny(path: string, ...privileges: string[]): void {
    if (!this.hasAny(path, ...privileges)) {
      throw new PermissionError(`${path}, ${privileges.join("|")}`);
    }
  }
}

/** Somebody who has not logged in. */
export const NOBODY = new Identity("", parseUserConfig(""));
