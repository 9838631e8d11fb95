import type { IncomingMessage } from "node:http";

import { BackendError } from "../backend/backend";
import type { ApiRequest } from "./dispatch";

/** Proxmox's own limit for a form, in bytes. */
const MAX_BODY = 512 * 1024;

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > MAX_BODY) throw new BackendError("for a form the body is too large", 413);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BackendError(`broken percent-encoding in '${text}'`, 400);
  }
}

/** Names and values of a query string or form; repeated names keep all their values. */
export function parseForm(text: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = decode((at < 0 ? pair : pair.slice(0, at)).replaceAll("+", " "));
    const value = decode(at < 0 ? "" : pair.slice(at + 1).replaceAll("+", " "));
    const present = values.get(name);
    if (present === undefined) values.set(name, [value]);
    else present.push(value);
  }
  return values;
}

/** The form that a message carries; other bodies than forms are not implemented. */
export async function readForm(message: IncomingMessage): Promise<Map<string, string[]>> {
  const type = (message.headers["content-type"] ?? "").split(";")[0]?.trim() ?? "";
  const body = await readBody(message);
  if (body === "") return new Map();
  if (type !== "application/x-www-form-urlencoded") {
    throw new BackendError(`bodies of type '${type}' are not implemented in the lab`, 501);
  }
  return parseForm(body);
}

const PREFIX = "/api2/json";

/** Reads an API request: query for GET and DELETE, form for POST and PUT, path segments decoded after splitting. */
export async function readRequest(message: IncomingMessage): Promise<ApiRequest> {
  const method = message.method ?? "GET";
  const url = message.url ?? "/";
  const at = url.indexOf("?");
  const path = at < 0 ? url : url.slice(0, at);
  if (path !== PREFIX && !path.startsWith(`${PREFIX}/`)) {
    throw new BackendError(`the lab serves only ${PREFIX}, not '${path}'`, 501);
  }
  const segments = path
    .slice(PREFIX.length)
    .split("/")
    .filter((segment) => segment !== "")
    .map(decode);
  const form = await readForm(message);
  const query = parseForm(at < 0 ? "" : url.slice(at + 1));
  return { method, segments, values: new Map([...query, ...form]) };
}
