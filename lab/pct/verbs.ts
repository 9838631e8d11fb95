import type { Json, Reply } from "../server/context";
import type { ApiRequest } from "../server/dispatch";
import type { Tasks } from "../server/tasks";
import { idOf, UsageError, type Arguments } from "./arguments";

/** What `pct` needs: the node it runs on, and the API as root@pam. */
export interface PctHost {
  readonly node: string;
  readonly tasks: Tasks;
  readonly call: (request: ApiRequest) => Promise<Reply>;
}

/** Runs a verb and returns what it prints. */
export type Verb = (host: PctHost, args: Arguments) => Promise<string>;

async function api(
  host: PctHost,
  method: string,
  rest: readonly string[],
  values: ReadonlyMap<string, readonly string[]> = new Map(),
): Promise<Json> {
  const reply = await host.call({ method, segments: ["nodes", host.node, "lxc", ...rest], values });
  return reply.data;
}

const record = (data: Json): Readonly<Record<string, Json>> =>
  typeof data === "object" && data !== null && !isList(data)
    ? Object.fromEntries(Object.entries(data))
    : {};

const isList = (data: Json | undefined): data is readonly Json[] => Array.isArray(data);
const items = (data: Json | undefined): readonly Json[] => (isList(data) ? data : []);

const show = (value: Json | undefined): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";

/** Waits for the task that a call started and prints its log; its failure is the command's. */
async function wait(host: PctHost, upid: Json): Promise<string> {
  if (typeof upid !== "string") return "";
  const { exitstatus = "", lines } = await host.tasks.finished(upid);
  if (exitstatus !== "OK" && !exitstatus.startsWith("WARNINGS: ")) throw new Error(exitstatus);
  return lines
    .filter((line) => !line.startsWith("TASK "))
    .map((line) => `${line}\n`)
    .join("");
}

const config: Verb = async (host, args) => {
  const data = record(await api(host, "GET", [idOf(args), "config"], args.options));
  const lines: string[] = [];
  for (const [key, value] of Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (key === "digest" || key === "lxc") continue;
    // One line per key: a description's newlines are shown encoded.
    lines.push(`${key}: ${key === "description" ? encodeURIComponent(show(value)) : show(value)}`);
  }
  for (const [key, value] of items(data["lxc"]).map(items))
    lines.push(`${show(key)}: ${show(value)}`);
  return lines.map((line) => `${line}\n`).join("");
};

const status: Verb = async (host, args) => {
  const data = record(await api(host, "GET", [idOf(args), "status", "current"]));
  return `status: ${show(data["status"])}\n`;
};

const list: Verb = async (host) => {
  const guests = items(await api(host, "GET", []));
  if (guests.length === 0) return "";
  const row = (cells: readonly string[]): string =>
    `${cells.map((cell, at) => cell.padEnd([10, 10, 12, 20][at] ?? 0)).join(" ")}\n`;
  const rows = guests.map((guest) => {
    const { vmid, status: state, lock, name } = record(guest);
    return row([show(vmid), show(state), show(lock), show(name)]);
  });
  return row(["VMID", "Status", "Lock", "Name"]) + rows.join("");
};

const set: Verb = async (host, args) => {
  await api(host, "PUT", [idOf(args), "config"], args.options);
  return "";
};

const create: Verb = async (host, args) => {
  const [vmid, ostemplate] = [idOf(args), args.positional[1]];
  if (ostemplate === undefined) throw new UsageError("400 not enough arguments");
  const values = new Map([
    ...args.options,
    ["vmid", [vmid]],
    ["ostemplate", [ostemplate]],
  ] as const);
  return wait(host, await api(host, "POST", [], values));
};

const power =
  (verb: string): Verb =>
  async (host, args) =>
    wait(host, await api(host, "POST", [idOf(args), "status", verb], args.options));

const destroy: Verb = async (host, args) =>
  wait(host, await api(host, "DELETE", [idOf(args)], args.options));

const resize: Verb = async (host, args) => {
  const [, disk = "", size = ""] = args.positional;
  const values = new Map([...args.options, ["disk", [disk]], ["size", [size]]] as const);
  return wait(host, await api(host, "PUT", [idOf(args), "resize"], values));
};

const pending: Verb = async (host, args) => {
  const keys = items(await api(host, "GET", [idOf(args), "pending"]));
  const lines = keys.flatMap((entry) => {
    const { key, value, pending: coming, delete: dropped } = record(entry);
    return [
      ...(value === undefined ? [] : [`cur ${show(key)}: ${show(value)}\n`]),
      ...(coming === undefined ? [] : [`new ${show(key)}: ${show(coming)}\n`]),
      ...(dropped === undefined ? [] : [`del ${show(key)}\n`]),
    ];
  });
  return lines.join("");
};

/** The verbs that are answered here; exec, push and pull run on the node itself. */
export const VERBS: ReadonlyMap<string, Verb> = new Map([
  ["config", config],
  ["create", create],
  ["destroy", destroy],
  ["list", list],
  ["pending", pending],
  ["reboot", power("reboot")],
  ["resize", resize],
  ["set", set],
  ["shutdown", power("shutdown")],
  ["start", power("start")],
  ["status", status],
  ["stop", power("stop")],
]);
