/** Proxmox's `pvesh` on a node: any call of the API as root@pam (get, create, set, delete). */
import type { Json, Reply } from "../server/context";
import { BackendError } from "../backend/backend";
import type { ApiRequest } from "../server/dispatch";
import { ParameterError } from "../server/parameter-error";
import { parseArguments } from "../pct/arguments";
import type { Tasks } from "../server/tasks";

/** What `pvesh` needs: the API as root@pam, and its tasks. */
export interface PveshHost {
  readonly tasks: Tasks;
  readonly call: (request: ApiRequest) => Promise<Reply>;
}

/** What it printed, and its exit code; output goes to stdout when the code is 0, else to stderr. */
export interface PveshResult {
  readonly code: number;
  readonly output: string;
}

const FAILED = 255;

const METHODS: ReadonlyMap<string, string> = new Map([
  ["get", "GET"],
  ["create", "POST"],
  ["set", "PUT"],
  ["delete", "DELETE"],
]);

/** The data as it is printed; tables, the real one's default for lists and objects, are not made here. */
function shown(data: Json, format: string): string {
  if (format === "json") return `${JSON.stringify(data)}\n`;
  if (format === "json-pretty") return `${JSON.stringify(data, undefined, 3)}\n`;
  if (data === null) return "";
  if (typeof data !== "object") return `${data}\n`;
  throw new Error("pvesh: the lab prints no tables: add --output-format json");
}

/** A call's answer is printed when its task has ended, below the task's log; its failure is the command's. */
async function ended(tasks: Tasks, data: Json): Promise<string> {
  if (typeof data !== "string" || !data.startsWith("UPID:")) return "";
  const { exitstatus = "", lines } = await tasks.finished(data);
  if (exitstatus !== "OK" && !exitstatus.startsWith("WARNINGS: ")) throw new Error(exitstatus);
  return lines
    .filter((line) => !line.startsWith("TASK "))
    .map((line) => `${line}\n`)
    .join("");
}

function words(error: unknown, verb: string, path: string): string {
  if (error instanceof ParameterError) {
    const lines = Object.entries(error.errors).map(([key, text]) => `${key}: ${text.trimEnd()}`);
    return `400 Parameter verification failed.\n${lines.join("\n")}`;
  }
  if (error instanceof BackendError && error.status === 501) {
    return `No '${verb}' handler defined for '${path}' in the lab: ${error.message}`;
  }
  return (error instanceof Error ? error.message : String(error)).trimEnd();
}

/** Runs one `pvesh` command line (without `pvesh` itself) as root on a node. */
export async function runPvesh(host: PveshHost, args: readonly string[]): Promise<PveshResult> {
  const [verb = "help", path = "", ...rest] = args;
  const method = METHODS.get(verb);
  if (method === undefined || path === "") {
    const known = [...METHODS.keys()].join(", ");
    return { code: FAILED, output: `pvesh ${verb}: the lab knows ${known}, each with a path\n` };
  }
  const { options, positional } = parseArguments(rest);
  if (positional.length > 0) {
    return { code: FAILED, output: `400 too many arguments\npvesh ${verb} <api_path> [OPTIONS]\n` };
  }
  const values = new Map(options);
  const format = values.get("output-format")?.at(-1) ?? "text";
  for (const own of ["output-format", "human-readable", "noborder", "noheader", "quiet"]) {
    values.delete(own);
  }
  const segments = path.split("/").filter((segment) => segment !== "");
  try {
    const { data } = await host.call({ method, segments, values });
    const log = method === "GET" ? "" : await ended(host.tasks, data);
    return { code: 0, output: log + shown(data, format) };
  } catch (error) {
    return { code: FAILED, output: `${words(error, verb, path)}\n` };
  }
}
