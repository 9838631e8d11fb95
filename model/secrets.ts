/** What must hold for the secrets beside a site. No message shows any of one. */
import { z } from "zod";

import type { Problem } from "./problem";
import { explain } from "./schema/messages";
import { userName } from "./schema/scalars";
import type { Topology } from "./topology";

/** As they stand in the stack's configuration; undefined where nothing is set. */
export interface WrittenSecrets {
  readonly consolePassword: string | undefined;
  /** Password hashes by user. */
  readonly basicAuth: unknown;
}

const usersPath = "proximity-lan:basicAuth";
const hint =
  "Set one with `pulumi config set --secret --path 'basicAuth.USER'` and what `caddy hash-password` or `htpasswd -nB USER` prints behind the colon.";

const hashes = z.record(
  userName,
  // Piped from htpasswd, a hash comes with the ends of two lines.
  z
    .string()
    .trim()
    .regex(/^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/, {
      error: `is not a bcrypt hash, which begins with $2. ${hint}`,
    }),
);

/** Everything wrong with the secrets, by themselves and against the site that needs them. */
export function checkSecrets(
  secrets: WrittenSecrets,
  topology: Pick<Topology, "appliance" | "apps"> | undefined,
): readonly Problem[] {
  const users = hashes.safeParse(secrets.basicAuth ?? {}, { error: explain });
  const shape = (users.error?.issues ?? []).map(({ path, message }) => ({
    path: [usersPath, ...path.map(String)].join("."),
    message,
  }));
  if (topology === undefined) return shape;
  return [
    ...shape,
    ...(users.success ? missingUsers(Object.keys(users.data), topology) : []),
    ...checkPassword(secrets.consolePassword, topology),
  ];
}

/** The password hashes by user, of secrets that were found right. */
export function usersOf({ basicAuth }: WrittenSecrets): Readonly<Record<string, string>> {
  return hashes.parse(basicAuth ?? {});
}

function missingUsers(
  users: readonly string[],
  { apps }: Pick<Topology, "apps">,
): readonly Problem[] {
  return apps.flatMap(({ name, proxy }) =>
    proxy.auth
      .filter((user) => !users.includes(user))
      .map((user) => ({
        path: `apps.${name}.proxy.auth`,
        message: `${user} has no password hash in the secret ${usersPath}. ${hint}`,
      })),
  );
}

function checkPassword(
  password: string | undefined,
  { appliance }: Pick<Topology, "appliance">,
): readonly Problem[] {
  if (appliance.consoleUser === undefined) return [];
  const path = "proximity-lan:consolePassword";
  if (password === undefined || password === "")
    return [
      {
        path,
        message: `is missing, and appliance.consoleUser needs it. Set it with \`pulumi config set --secret consolePassword\`.`,
      },
    ];
  return /^[^\n\r]*$/.test(password)
    ? []
    : [{ path, message: "has more than one line. Set it again, without a line break." }];
}
