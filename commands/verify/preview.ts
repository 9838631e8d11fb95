/** Previews of the stack for the lines that cannot be looked at without doing them. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { dump, load } from "js-yaml";
import { z } from "zod";

import { project } from "../pulumi";
import { stackFile, type Stack } from "../stack";

const shape = z.object({
  steps: z.array(z.object({ op: z.string(), urn: z.string() })).default([]),
});
const fileShape = z.looseObject({ config: z.record(z.string(), z.unknown()) });
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

/** The preview of the same stack with nobody in it and nothing kept. */
export function previewWithoutApps({ name }: Stack): readonly Step[] {
  return inTemporaryFolder((folder) => {
    const file = join(folder, `Pulumi.${name}.yaml`);
    writeFileSync(file, withoutApps(readFileSync(stackFile(name), "utf8")), { mode: 0o600 });
    return preview(project, ["--stack", name, "--config-file", file]);
  });
}

/** The declaration with nothing on the private network, and no rule about it; comments are lost, which a preview does not miss. */
export function withoutApps(text: string): string {
  const file = fileShape.parse(load(text));
  const site = siteShape.parse(file.config["proximity-lan:site"]);
  const nobody = { apps: {}, guests: {}, obsoleteNat: [], forwards: {} };
  const empty = { ...site, network: { ...site.network, keepWhenEmpty: false }, ...nobody };
  return dump({ ...file, config: { ...file.config, "proximity-lan:site": empty } });
}

/**
 * The preview of the same declaration with a state that knows nothing: in a copy of the project with a
 * backend of its own, so that neither the stack's file nor its state is touched.
 */
export function previewFromNothing({ name, api, ssh }: Stack): readonly Step[] {
  return inTemporaryFolder((folder) => {
    const copy = join(folder, "project");
    const state = join(folder, "state");
    mkdirSync(state);
    for (const path of sources()) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      cpSync(join(project, path), join(copy, path), { verbatimSymlinks: true });
    }
    symlinkSync(join(project, "node_modules"), join(copy, "node_modules"));
    const { config } = fileShape.parse(load(readFileSync(stackFile(name), "utf8")));
    const plain = Object.entries({
      ...config,
      "proxmoxve:apiToken": api.token,
      "proximity-lan:sshPrivateKey": ssh.privateKey,
    });
    writeFileSync(join(copy, `Pulumi.${name}.yaml`), dump({ config: Object.fromEntries(plain) }), {
      mode: 0o600,
    });
    const env = { PULUMI_BACKEND_URL: `file://${state}`, PULUMI_CONFIG_PASSPHRASE: "previewed" };
    run(copy, ["stack", "init", name], env);
    return preview(copy, ["--stack", name], env);
  });
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
  const cli = join(project, "toolchain", "pulumi");
  const { status, stdout, stderr } = spawnSync(cli, [...args, "--non-interactive"], {
    cwd: folder,
    env: { ...process.env, ...env },
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status === 0) return stdout;
  const words = `${stderr}\n${stdout}`
    .split("\n")
    .filter((line) => /error|problem|^ {2}- |Unable/i.test(line));
  throw new Error(`pulumi ${args[0] ?? ""} failed: ${words.slice(0, 6).join(" ").slice(0, 600)}`);
}
