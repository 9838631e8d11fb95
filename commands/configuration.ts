/** A stack's configuration as Pulumi itself resolves it, in memory only. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { parse } from "yaml";
import { z } from "zod";

import { project, tryPulumi, type Ended } from "./pulumi";

const shape = z.record(
  z.string(),
  z.object({
    value: z.string().default(""),
    objectValue: z.unknown().optional(),
    secret: z.boolean(),
  }),
);

/**
 * Every value by its key, such as `proxmoxve:endpoint`: secrets decrypted, environments opened. `value`
 * is the text that the program gets, JSON where `objectValue` is there.
 */
export type Configuration = Readonly<z.output<typeof shape>>;

/** The name that the stack's file and its tag carry: without organization and project. */
export function plainName(stack: string): string {
  return stack.split("/").at(-1) ?? stack;
}

/** Path of the stack's file. It need not exist: Pulumi can keep a configuration elsewhere. */
export function stackFile(stack: string): string {
  return join(project, `Pulumi.${plainName(stack)}.yaml`);
}

/**
 * Asks Pulumi, and so decrypts with whatever the stack is encrypted with. `flags` are for `pulumi config`,
 * such as `--config-file FILE`. Throws with Pulumi's message.
 */
export function readConfiguration(stack: string, flags: readonly string[] = []): Configuration {
  const asked = show(["--stack", stack, ...flags]);
  if (asked.code === 0) return valuesOf(asked);
  if (!asked.stderr.includes("no stack named")) throw failure(stack, asked);
  if (!existsSync(stackFile(stack)))
    throw new Error(
      `there is no stack ${stack} and no ${basename(stackFile(stack))}. Name yours: STACK=NAME`,
    );
  return withoutState(stack);
}

/**
 * The configuration of a stack that the backend does not have, not yet or no longer: Pulumi reads the file
 * for a stack of the same name in an empty backend, which goes again.
 */
function withoutState(stack: string): Configuration {
  const folder = mkdtempSync(join(tmpdir(), "proximity-config-"));
  try {
    const state = join(folder, "state");
    mkdirSync(state);
    for (const file of [join(project, "Pulumi.yaml"), stackFile(stack)])
      copyFileSync(file, join(folder, basename(file)));
    const surroundings = { folder, env: { PULUMI_BACKEND_URL: `file://${state}` } };
    const name = ["--stack", plainName(stack)];
    const made = tryPulumi(["stack", "init", ...name, ...secretsProvider(stack)], surroundings);
    const asked = made.code === 0 ? show(name, surroundings) : made;
    if (asked.code !== 0) throw failure(stack, asked);
    return valuesOf(asked);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const fileShape = z.looseObject({ secretsprovider: z.string().optional() });

/** The flag that names what the file is encrypted with; a passphrase where it names nothing. */
function secretsProvider(stack: string): readonly string[] {
  const file = fileShape.parse(parse(readFileSync(stackFile(stack), "utf8")) ?? {});
  return file.secretsprovider === undefined ? [] : ["--secrets-provider", file.secretsprovider];
}

function show(flags: readonly string[], surroundings = {}): Ended {
  return tryPulumi(["config", "--show-secrets", "--json", ...flags], surroundings);
}

function valuesOf({ stdout, stderr }: Ended): Configuration {
  process.stderr.write(stderr);
  return shape.parse(JSON.parse(stdout));
}

function failure(stack: string, { stderr }: Ended): Error {
  return new Error(`Pulumi cannot read the configuration of ${stack}: ${stderr.trim()}`);
}
