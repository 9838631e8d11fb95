import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

import { BackendError } from "../backend/backend";
import type { Login } from "../server/context";
import { Identity } from "../server/identity";
import { ownerOf, ROOT_USER } from "./permissions";
import type { UserConfig } from "./user-config";

/** Secrets that open the API: token id to secret, user to password. Who they are is in user.cfg. */
export interface Credentials {
  readonly tokens: Readonly<Record<string, string>>;
  readonly users: Readonly<Record<string, string>>;
}

interface Session extends Login {
  /** Milliseconds since 1970. */
  readonly made: number;
}

const TOKEN = /^PVEAPIToken=([^\s=]+![^\s=]+)=(\S+)$/;

/** A ticket is good for two hours (docs/proxmox/provider-calls.md 1.3); in milliseconds. */
export const TICKET_LIFETIME = 2 * 60 * 60 * 1000;

const refuse = (why: string): never => {
  throw new BackendError(why, 401);
};

const isOver = (expire: number, now: number): boolean => expire !== 0 && expire * 1000 < now;

/** Throws a 401 unless user.cfg has the user, enabled and not expired; `now` in milliseconds since 1970. */
function assertUser(config: UserConfig, name: string, now: number): void {
  const user = config.users.get(name) ?? refuse(`no such user ('${name}')`);
  if (!user.enable) refuse(`user '${name}' is disabled`);
  if (isOver(user.expire, now)) refuse(`user '${name}' access expired`);
}

/** Knows who a request comes from; every failure is a 401. */
export class Authenticator {
  private readonly sessions = new Map<string, Session>();

  /** `config` reads user.cfg for each request; `now` is the clock, in milliseconds since 1970. */
  constructor(
    private readonly credentials: Credentials,
    private readonly config: () => Promise<UserConfig>,
    private readonly now: () => number = Date.now,
  ) {}

  /** Reads the token or the ticket cookie of a request; writing with a ticket needs the CSRF token too. */
  async authenticate(headers: IncomingHttpHeaders, writes: boolean): Promise<Identity> {
    const [, token, secret = ""] = TOKEN.exec(headers.authorization ?? "") ?? [];
    // Before user.cfg is read: a request without credentials is refused even while no node answers.
    const ticket = token === undefined ? this.ticketUser(headers, writes) : "";
    const config = await this.config();
    const name = token === undefined ? ticket : this.tokenUser(config, token, secret);
    assertUser(config, ownerOf(name) ?? name, this.now());
    return new Identity(name, config);
  }

  /** The user root@pam, whom a node's local socket takes everybody for. */
  async root(): Promise<Identity> {
    return new Identity(ROOT_USER, await this.config());
  }

  private tokenUser(config: UserConfig, name: string, secret: string): string {
    const owner = ownerOf(name) ?? "";
    const token =
      config.tokens.get(name) ??
      refuse(`no such token '${name.slice(owner.length + 1)}' for user '${owner}'`);
    if (isOver(token.expire, this.now())) refuse(`token '${name}' access expired`);
    if (this.credentials.tokens[name] !== secret) refuse("invalid token value!");
    return name;
  }

  private ticketUser(headers: IncomingHttpHeaders, writes: boolean): string {
    const cookie = /(?:^|;\s*)PVEAuthCookie=([^;]+)/.exec(headers.cookie ?? "")?.[1];
    if (cookie === undefined) throw new BackendError("No ticket", 401);
    const session = this.sessions.get(decodeURIComponent(cookie));
    if (session === undefined || this.now() - session.made > TICKET_LIFETIME) {
      throw new BackendError("permission denied - invalid PVE ticket", 401);
    }
    if (writes && headers["csrfpreventiontoken"] !== session.CSRFPreventionToken) {
      refuse("Permission denied - invalid csrf token");
    }
    return session.username;
  }

  /** A new ticket for the right password of a user who may log in, else undefined. */
  async login(username: string, password: string): Promise<Login | undefined> {
    if (this.credentials.users[username] !== password) return undefined;
    const made = this.now();
    try {
      assertUser(await this.config(), username, made);
    } catch (error) {
      if (error instanceof BackendError && error.status === 401) return undefined;
      throw error;
    }
    const time = Math.floor(made / 1000)
      .toString(16)
      .toUpperCase();
    const login: Login = {
      username,
      // Clients split a ticket at its colons and want the user second (docs/proxmox/provider-calls.md 1.3).
      ticket: `PVE:${username}:${time}::${randomBytes(32).toString("base64")}`,
      CSRFPreventionToken: `${time}:${randomBytes(24).toString("base64")}`,
    };
    this.sessions.set(login.ticket, { ...login, made });
    return login;
  }
}
