import { BackendError } from "../../backend/backend";
import type { Call, Reply } from "../../server/context";

/** POST /access/ticket: user and password for a ticket and its CSRF token. */
export async function POST({ lab, params }: Call): Promise<Reply> {
  const name = params.required("username");
  const realm = params.text("realm");
  const user = realm === undefined || name.includes("@") ? name : `${name}@${realm}`;
  const login = await lab.login(user, params.required("password"));
  if (login === undefined) throw new BackendError("authentication failure", 401);
  return { data: { ...login } };
}
