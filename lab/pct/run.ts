import { ParameterError } from "../server/parameter-error";
import { parseArguments, UsageError } from "./arguments";
import { VERBS, type PctHost } from "./verbs";

/** What `pct` printed and its exit code; output goes to stdout when the code is 0, else to stderr. */
export interface PctResult {
  readonly code: number;
  readonly output: string;
}

/** Usage errors and failed tasks end with 255; a missing config with ENOENT, as perl's die leaves it. */
const FAILED = 255;
const ENOENT = 2;

function failure(error: unknown, verb: string): PctResult {
  if (error instanceof UsageError) {
    return { code: FAILED, output: `${error.message}\npct ${verb} <vmid> [OPTIONS]\n` };
  }
  if (error instanceof ParameterError) {
    const lines = Object.entries(error.errors).map(([key, text]) => `${key}: ${text.trimEnd()}`);
    const usage = `pct ${verb} <vmid> [OPTIONS]`;
    return {
      code: FAILED,
      output: `400 Parameter verification failed.\n${lines.join("\n")}\n${usage}\n`,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  const missing = /^Configuration file .* does not exist$/.test(message);
  return { code: missing ? ENOENT : FAILED, output: `${message.trimEnd()}\n` };
}

/** Runs one `pct` command line (without `pct` itself) as root on a node. */
export async function runPct(host: PctHost, args: readonly string[]): Promise<PctResult> {
  const [name = "help", ...rest] = args;
  const verb = VERBS.get(name);
  if (verb === undefined) {
    const known = [...VERBS.keys()].join(", ");
    return {
      code: FAILED,
      output: `ERROR: unknown command 'pct ${name}' (the lab knows ${known}; exec, push and pull run on the node itself)\n`,
    };
  }
  try {
    return { code: 0, output: await verb(host, parseArguments(rest)) };
  } catch (error) {
    return failure(error, name);
  }
}
