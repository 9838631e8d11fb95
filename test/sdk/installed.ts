/** The newest SDK with this project's other packages, and a release of each supported Node. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  utimesSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { z } from "zod";

const root = join(__dirname, "..", "..");

const Versions = z.object({ sdk: z.string(), node: z.record(z.string(), z.string()) });

/** The versions under test: of `@pulumi/pulumi`, and of Node by its major number. */
export const versions = Versions.parse(
  JSON.parse(readFileSync(join(__dirname, "versions.json"), "utf8")),
);

/** What is installed, in a folder that later runs use again. */
export interface Installed {
  /** A `node_modules` like the project's, but with the newest SDK. */
  readonly modules: string;
  /** The folder of the `node` program of a major version, for PATH. */
  nodeFolder(major: string): string;
}

/** Installs from the npm registry, unless an earlier run did; about 30 s. */
export function install(): Installed {
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const sdks = join(cache, "proximity-lan", "sdk");
  const folder = join(sdks, fingerprint());
  if (!existsSync(folder)) renameSync(stageIn(sdks), folder);
  const now = new Date();
  utimesSync(folder, now, now);
  removeUnused(sdks);
  const modules = join(folder, "node_modules");
  return { modules, nodeFolder: (major) => join(modules, `node-${major}`, "bin") };
}

/** What earlier versions left; other checkouts may be using theirs. */
function removeUnused(folder: string): void {
  const old = ["-maxdepth", "1", "-mindepth", "1", "-mtime", "+30"];
  execFileSync("find", [folder, ...old, "-exec", "rm", "-rf", "{}", "+"]);
}

function fingerprint(): string {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const file of ["test/sdk/versions.json", "package.json", "package-lock.json"])
    hash.update(readFileSync(join(root, file)));
  return hash.digest("hex").slice(0, 16);
}

function stageIn(sdks: string): string {
  mkdirSync(sdks, { recursive: true });
  const stage = mkdtempSync(join(sdks, "stage-"));
  for (const file of ["package.json", "package-lock.json", ".npmrc"])
    cpSync(join(root, file), join(stage, file));
  // Node comes as one package for each platform.
  const nodes = Object.entries(versions.node).map(
    ([major, version]) => `node-${major}@npm:node-${process.platform}-${process.arch}@${version}`,
  );
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const packages = [`@pulumi/pulumi@${versions.sdk}`, ...nodes];
  execFileSync("npm", ["install", ...flags, ...packages], { cwd: stage, stdio: "inherit" });
  return stage;
}
