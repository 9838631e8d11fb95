/**
 * What every command line here has in common: flags read by node:util, and one way to fail.
 *
 * Exit codes: 0, done; 1, done, and the answer is no (unhealthy, a failed check, declined); 2, not done,
 * because of a wrong flag or an error.
 */
import { parseArgs, type ParseArgsConfig } from "node:util";

import { z } from "zod";

import { explain } from "../model/schema/messages";

// The messages about what the node and other programs answer, and about files that are imported.
z.config({ customError: explain });

type Options = NonNullable<ParseArgsConfig["options"]>;
interface Config<O extends Options> {
  args: string[];
  options: O;
  allowPositionals: true;
}

/** One command line. */
export interface Command<O extends Options> {
  /** As printed after a mistake, such as `status STACK [--json]`; its first word names the command. */
  readonly usage: string;
  readonly options: O;
  /** How many arguments the command takes besides its flags: at least, at most. */
  readonly positionals: readonly [number, number];
  /** Takes flags of Pulumi after `--`. */
  readonly forPulumi?: boolean;
  readonly run: (args: Arguments<O>) => Promise<void> | void;
}

/** What was given on the command line. */
export interface Arguments<O extends Options> {
  readonly positionals: readonly string[];
  readonly flags: ReturnType<typeof parseArgs<Config<O>>>["values"];
  /** What follows `--`. */
  readonly forPulumi: readonly string[];
}

/** Runs the command with this process's arguments. */
export function main<O extends Options>(command: Command<O>): void {
  const [name = ""] = command.usage.split(" ");
  const fail = (text: string) => {
    process.stderr.write(`${name}: ${text}\n`);
    process.exitCode = 2;
  };
  const args = readArguments(command, process.argv.slice(2));
  if (typeof args === "string") {
    fail(`${args}\nusage: ${command.usage}`);
    return;
  }
  Promise.resolve(args)
    .then(command.run)
    .catch((error: unknown) => {
      fail(messageOf(error));
    });
}

/** What was given, or why it does not fit the command. */
export function readArguments<O extends Options>(
  { options, positionals: [least, most], forPulumi }: Omit<Command<O>, "usage" | "run">,
  args: readonly string[],
): Arguments<O> | string {
  const end = forPulumi === true ? args.indexOf("--") : -1;
  const own = end < 0 ? args : args.slice(0, end);
  try {
    const { values, positionals } = parseArgs<Config<O>>({
      args: [...own],
      options,
      allowPositionals: true,
    });
    if (positionals.length < least) return "an argument is missing";
    if (positionals.length > most) return `unexpected argument '${positionals[most] ?? ""}'`;
    return { positionals, flags: values, forPulumi: end < 0 ? [] : args.slice(end + 1) };
  } catch (error) {
    // Its second sentence is about arguments that begin with a dash, which no command takes.
    return messageOf(error).replace(/\. To specify a positional[^]*/, "");
  }
}

/** The message of an error, for a terminal. */
export function messageOf(error: unknown): string {
  if (error instanceof z.ZodError)
    return error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n");
  return error instanceof Error ? error.message : String(error);
}
