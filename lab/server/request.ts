import type { IncomingMessage } from "node:http";

import { BackendError } from "../backend/backend";
import { TransportError } from "./http-error";
import { ParameterError } from "./parameter-error";

/** What a request asks for, without its body. */
export interface RequestTarget {
  readonly method: string;
  /** Path below /api2/json, segments percent-decoded. */
  readonly segments: readonly string[];
  readonly query: ReadonlyMap<string, readonly string[]>;
}

/** Proxmox's own limit for a body, in bytes. */
const MAX_BODY = 512 * 1024;
const METHODS = new Set(["GET", "POST", "PUT", "DELETE"]);
const FORM = "application/x-www-form-urlencoded";

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > MAX_BODY) throw new TransportError("for data too large", 501);
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

/** The texts of one JSON value; undefined for a value that counts as absent. */
function jsonTexts(name: string, value: unknown): string[] | undefined {
  if (value === null) return undefined;
  if (typeof value === "boolean") return [value ? "1" : "0"];
  if (typeof value === "string" || typeof value === "number") return [String(value)];
  if (Array.isArray(value)) return value.flatMap((entry) => jsonTexts(name, entry) ?? []);
  throw new ParameterError({ [name]: "type check ('string') failed - got HASH" });
}

/** Names and values of a JSON object: booleans become 1 and 0, a list repeats its name. */
function parseJson(text: string): Map<string, string[]> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new TransportError("malformed JSON string", 500);
  }
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new TransportError("Not a HASH reference", 500);
  }
  const values = new Map<string, string[]>();
  for (const [name, value] of Object.entries(data)) {
    const texts = jsonTexts(name, value);
    if (texts !== undefined) values.set(name, texts);
  }
  return values;
}

/** The parameters in a message's body: a form, or a JSON object; no body has none. */
export async function readForm(message: IncomingMessage): Promise<Map<string, string[]>> {
  const type = (message.headers["content-type"] ?? FORM).split(";")[0]?.trim() ?? "";
  const { method = "" } = message;
  if (Number(message.headers["content-length"] ?? 0) > 0 && !/^(?:PUT|POST)$/.test(method)) {
    throw new TransportError(`Unexpected content for method '${method}'`, 501);
  }
  const body = await readBody(message);
  if (body === "") return new Map();
  if (type === "application/json") return parseJson(body);
  if (type !== FORM) {
    throw new TransportError(`upload 'Content-Type '${type}' not implemented`, 506);
  }
  return parseForm(body);
}

const PREFIX = "/api2/json";

/** Reads what a request asks for; path segments are decoded after splitting. */
export function readTarget(message: IncomingMessage): RequestTarget {
  const method = message.method ?? "GET";
  // Proxmox's server answers this one without a body, and before it looks at who asks.
  if (!METHODS.has(method)) throw new TransportError(`method '${method}' not available`, 501, "");
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
  return { method, segments, query: parseForm(at < 0 ? "" : url.slice(at + 1)) };
}

/** All parameters of a request; one in the query goes before the same one in the body. */
export async function readValues(
  message: IncomingMessage,
  { query }: RequestTarget,
): Promise<ReadonlyMap<string, readonly string[]>> {
  return new Map([...(await readForm(message)), ...query]);
}
