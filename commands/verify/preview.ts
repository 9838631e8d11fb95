/** Previews of the stack for the lines that cannot be looked at without doing them. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

import { parse, stringify } from "yaml";
import { z } from "zod";

import { plainName, stackFile, type Configuration } from "../configuration";
import { project, tryPulumi } from "../pulumi";
import { siteIn, siteKey, type Stack } from "../stack";

const shape = z.object({
  steps: z.array(z.object({ op: z.string(), urn: z.string() })).default([]),
});
const fileShape = z.looseObject({ config: z.record(z.string(), z.unknown()).default({}) });
const siteShape = z.looseObject({ network: z.looseObject({}).default({}) });

/** One step of a preview: what would be done, to which type, by which name. */
export interface Step {
  readonly op: string;
  readonly type: string;
  readonly name: string;
}

/** The preview of the stack as it is declared. */
export function previewAsDeclared({ name }: Stack): readonly Step[] {
  return preview(project, ["--stack", name]);
}

/** The preview of the same stack without apps and guests, and with nothing kept for them. */
export function previewWithoutApps({ name, configuration }: Stack): readonly Step[] {
  return inTemporaryFolder((folder) => {
    const file = join(folder, basename(stackFile(name)));
    const text = existsSync(stackFile(name)) ? readFileSync(stackFile(name), "utf8") : "";
    writeFileSync(file, withoutApps(text, siteIn(configuration)), { mode: 0o600 });
    return preview(project, ["--stack", name, "--config-file", file]);
  });
}

/**
 * A stack's file with the site emptied: nothing on the private network, and no rule about it. The site is
 * the decrypted one, wherever it comes from; all else in the file stays as it is. Comments are lost.
 */
export function withoutApps(text: string, declared: unknown): string {
  const file = fileShape.parse(parse(text) ?? {});
  const site = siteShape.parse(declared);
  const nobody = { apps: {}, guests: {}, obsoleteNat: [], forwards: {} };
  const empty = { ...site, network: { ...site.network, keepWhenEmpty: false }, ...nobody };
  return toYaml({ ...file, config: { ...file.config, [siteKey]: empty } });
}

/**
 * The preview of the same declaration with a state that knows nothing: in a copy of the project with a
 * backend of its own, so that neither the stack's file nor its state is touched. That backend has another
 * passphrase, so the copy's file has every value decrypted; only this user can read it, and it is removed.
 */
export function previewFromNothing({ name, configuration }: Stack): readonly Step[] {
  return inTemporaryFolder((folder) => {
    const copy = join(folder, "project");
    const state = join(folder, "state");
    mkdirSync(state);
    for (const path of sources()) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      cpSync(join(project, path), join(copy, path), { verbatimSymlinks: true });
    }
    symlinkSync(join(project, "node_modules"), join(copy, "node_modules"));
    const file = join(copy, basename(stackFile(name)));
    writeFileSync(file, decrypted(configuration), { mode: 0o600 });
    const env = { PULUMI_BACKEND_URL: `file://${state}`, PULUMI_CONFIG_PASSPHRASE: "previewed" };
    const stack = ["--stack", plainName(name)];
    run(copy, ["stack", "init", ...stack], env);
    return preview(copy, stack, env);
  });
}

/** A stack's file in which no value is encrypted. */
export function decrypted(configuration: Configuration): string {
  const values = Object.entries(configuration).map(
    ([key, { value, objectValue }]) => [key, objectValue ?? value] as const,
  );
  return toYaml({ config: Object.fromEntries(values) });
}

/** As Pulumi reads it, whose YAML 1.1 reads more plain words as numbers and booleans than YAML 1.2 does. */
function toYaml(value: unknown): string {
  return stringify(value, { version: "1.1", lineWidth: 0 });
}

/** What the program is made of. */
function sources(): readonly string[] {
  const skipped =
    /^(test|docs|lab|toolchain|examples|node_modules|\.state|\.git|Pulumi\..*\.yaml$)/;
  return execFileSync(
    "find",
    [".", "-type", "f", "-not", "-path", "./node_modules/*", "-not", "-path", "./.git/*"],
    {
      cwd: project,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    },
  )
    .trim()
    .split("\n")
    .map((path) => path.replace(/^\.\//, ""))
    .filter((path) => path === "Pulumi.yaml" || !skipped.test(path));
}

function inTemporaryFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "proximity-verify-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function preview(folder: string, flags: readonly string[], env = {}): readonly Step[] {
  const { steps } = shape.parse(JSON.parse(run(folder, ["preview", "--json", ...flags], env)));
  return steps
    .map(({ op, urn }) => {
      const [, , types = "", name = ""] = urn.split("::");
      return { op, type: types.split("$").at(-1) ?? "", name };
    })
    .filter(({ type }) => type !== "pulumi:pulumi:Stack" && !type.startsWith("pulumi:providers"));
}

function run(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const { code, stdout, stderr } = tryPulumi(args, { folder, env });
  if (code === 0) return stdout;
  const words = `${stderr}\n${stdout}`
    .split("\n")
    .filter((line) => /error|problem|^ {2}- |Unable/i.test(line));
  throw new Error(`pulumi ${args[0] ?? ""} failed: ${words.slice(0, 6).join(" ").slice(0, 600)}`);
}
