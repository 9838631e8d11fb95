/** The users of apps with `proxy.auth`, each a snippet with a password hash that the Caddyfile imports. */
import { header, toText } from "../header";
import { userSnippet } from "./app";
import { block } from "./text";

/** Beside the Caddyfile, and read by it. */
export const usersFile = "users";

/** The complete file; `hashes` are bcrypt hashes by user name, and secret. */
export function renderUsers(hashes: Readonly<Record<string, string>>): string {
  return toText([
    header("#"),
    ...Object.entries(hashes)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([user, hash]) => block(`(${userSnippet(user)})`, [`${user} ${hash}`])),
  ]);
}
