/** The users of apps with `proxy.auth`, each a snippet with a password hash that the Caddyfile imports. */
import { header, toText } from "../header";
import { userSnippet } from "./app";
import { block } from "./text";

/** Read by the Caddyfile, and by nobody else: caddy alone may. */
export const usersFile = "/etc/caddy/users";

/** The complete file; `hashes` are bcrypt hashes by user name, and secret. */
export function renderUsers(hashes: Readonly<Record<string, string>>): string {
  return toText([
    header("#"),
    ...Object.entries(hashes)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([user, hash]) => block(`(${userSnippet(user)})`, [`${user} ${hash}`])),
  ]);
}
