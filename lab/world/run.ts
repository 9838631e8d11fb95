/** Runs commands on the machine. */
import { spawn } from "node:child_process";

/** Exit code and streams of a command; a signal's death is 128 plus its number, as in shells. */
export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface RunOptions {
  readonly input?: string;
  /** Called with each line of stderr and stdout as it comes. */
  readonly onLine?: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a command to its end and returns what it said; rejects only when it cannot be started. */
export function run(
  command: string,
  args: readonly string[],
  { input, onLine, env }: RunOptions = {},
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: env ?? process.env,
    });
    const streams = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        streams[name] += text;
        if (onLine !== undefined) for (const line of text.trimEnd().split("\n")) onLine(line);
      });
    }
    child.once("error", reject);
    child.once("close", (code) => {
      resolve({ code: code ?? 128 + 9, ...streams });
    });
    // A command that ends before it has read its input is judged by its exit code.
    child.stdin.once("error", () => undefined);
    child.stdin.end(input ?? "");
  });
}

/** Runs a command that must succeed; the error quotes its last words. Resolves with its stdout. */
export async function must(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code === 0) return stdout;
  const words = (stderr.trim() || stdout.trim()).split("\n").slice(-15).join("\n");
  throw new Error(`${[command, ...args].join(" ")} ended with ${code}:\n${words}`);
}
