import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

import { BackendError } from "./backend";
import type { Login } from "./context";

/** Who calls: a user, or a token whose name holds a `!`. */
export interface Identity {
  readonly user: string;
  /** Only the very string `root@pam` passes root-only checks; its tokens do not (proxmox.md 8). */
  readonly isRoot: boolean;
}

/** Secrets that open the API: token id to secret, user to password. */
export interface Credentials {
  readonly tokens: Readonly<Record<string, string>>;
  readonly users: Readonly<Record<string, string>>;
}

const TOKEN = /^PVEAPIToken=([^\s=]+![^\s=]+)=(\S+)$/;

/** The identity of a user or token name. */
export const identityOf = (user: string): Identity => ({ user, isRoot: user === "root@pam" });

/** Knows who a request comes from; every failure is a 401. */
export class Authenticator {
  private readonly sessions = new Map<string, Login>();

  constructor(private readonly credentials: Credentials) {}

  /** Reads the token or the ticket cookie of a request; writing with a ticket needs the CSRF token too. */
  authenticate(headers: IncomingHttpHeaders, writes: boolean): Identity {
    const token = TOKEN.exec(headers.authorization ?? "");
    if (token?.[1] !== undefined) {
      const secret = this.credentials.tokens[token[1]];
      if (secret === undefined) throw new BackendError(`no such token '${token[1]}'`, 401);
      if (secret !== token[2]) throw new BackendError("invalid token value!", 401);
      return identityOf(token[1]);
    }
    const cookie = /(?:^|;\s*)PVEAuthCookie=([^;]+)/.exec(headers.cookie ?? "")?.[1];
    if (cookie === undefined) throw new BackendError("No ticket", 401);
    const session = this.sessions.get(decodeURIComponent(cookie));
    if (session === undefined) throw new BackendError("invalid PVE ticket", 401);
    if (writes && headers["csrfpreventiontoken"] !== session.CSRFPreventionToken) {
      throw new BackendError("Permission denied - invalid csrf token", 401);
    }
    return identityOf(session.username);
  }

  /** A new ticket for the right password, else undefined. */
  login(username: string, password: string): Login | undefined {
    if (this.credentials.users[username] !== password) return undefined;
    const time = Math.floor(Date.now() / 1000)
      .toString(16)
      .toUpperCase();
    const login: Login = {
      username,
      // Clients split a ticket at its colons and want the user second (provider-calls.md 1.3).
      ticket: `PVE:${username}:${time}::${randomBytes(32).toString("base64")}`,
      CSRFPreventionToken: `${time}:${randomBytes(24).toString("base64")}`,
    };
    this.sessions.set(login.ticket, login);
    return login;
  }
}
