/** The root folder that hosts share and the guests' template: built once, kept by a hash of their recipes. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";

import { locked } from "./lock";
import type { Place } from "./place";
import { must, run } from "./run";
import { PACKAGE_PROXY } from "./topology";

const RECIPES = path.join(__dirname, "images");

/** File name of the template, as Proxmox's own. */
export const TEMPLATE_FILE = "debian-12-standard_12.12-1_amd64.tar.zst";

/** What the hosts and guests of a lab are made of. */
export interface Images {
  /** Root folder of the lab's hosts, never written to. */
  readonly host: string;
  /** The guests' template, one archive. */
  readonly template: string;
}

/** Called with the current step when it takes long. */
export type Progress = (line: string) => void;

/** Programs of the machine that building needs, and the Debian packages they are in. */
const NEEDED: readonly (readonly [string, string])[] = [
  ["debootstrap", "debootstrap"],
  ["zstd", "zstd"],
];

async function installNeeded(progress: Progress): Promise<void> {
  const missing: string[] = [];
  for (const [program, name] of NEEDED) {
    const { code } = await run("sh", ["-c", 'command -v "$1"', "sh", program]);
    if (code !== 0) missing.push(name);
  }
  if (missing.length > 0) progress(`Installing ${missing.join(", ")} on this machine (about 5 s)`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await must("apt-get", ["-qq", "update"], { env });
  if (missing.length === 0) return;
  const flags = ["-qq", "-y", "install", "--no-install-recommends"];
  await must("apt-get", [...flags, ...missing], { env });
}

const hash = (...texts: readonly string[]): string =>
  createHash("sha256").update(texts.join("\0")).digest("hex").slice(0, 12);

/** The images for this machine's sources and today's recipes; missing ones are built, about 80 s. */
export async function ensureImages(place: Place, progress: Progress): Promise<Images> {
  const folder = path.join(place.cache, "images");
  mkdirSync(folder, { recursive: true });
  return locked(
    path.join(folder, "lock"),
    async () => {
      let sources = await run(path.join(RECIPES, "sources.sh"), []);
      const known = imagesOf(folder, sources.stdout);
      if (sources.code === 0 && existsSync(known.host) && existsSync(known.template)) return known;
      await installNeeded(progress);
      sources = { ...sources, stdout: await must(path.join(RECIPES, "sources.sh"), []) };
      const images = imagesOf(folder, sources.stdout);
      await Promise.all([
        build(images.host, sources.stdout, progress, {
          recipe: "host-image.sh",
          args: (target) => [target],
        }),
        build(images.template, sources.stdout, progress, {
          recipe: "template.sh",
          args: (target) => [target, `${target}.root`, PACKAGE_PROXY],
        }),
      ]);
      return images;
    },
    () => {
      progress("Waiting for another lab that is building the images");
    },
  );
}

function imagesOf(folder: string, sources: string): Images {
  const recipe = (name: string): string => readFileSync(path.join(RECIPES, name), "utf8");
  const template = `template-${hash(recipe("template.sh"), sources, PACKAGE_PROXY)}`;
  return {
    host: path.join(folder, `host-${hash(recipe("host-image.sh"), sources)}`),
    template: path.join(folder, template, TEMPLATE_FILE),
  };
}

interface Recipe {
  readonly recipe: string;
  readonly args: (target: string) => readonly string[];
}

/** Builds next to the target and moves the result there when complete; a killed build starts over. */
async function build(
  target: string,
  sources: string,
  progress: Progress,
  { recipe, args }: Recipe,
): Promise<void> {
  if (existsSync(target)) return;
  const name = path.basename(recipe, ".sh");
  const unfinished = `${target}.new`;
  for (const rest of [unfinished, `${unfinished}.root`]) {
    rmSync(rest, { recursive: true, force: true });
  }
  mkdirSync(path.dirname(target), { recursive: true });
  progress(`Building ${name} (about a minute, kept in ${path.dirname(target)})`);
  let retrieved = 0;
  const started = Date.now();
  await must(path.join(RECIPES, recipe), args(unfinished), {
    input: sources,
    onLine: (line) => {
      const stage = /^I: (Retrieving|Extracting|Unpacking|Configuring) /.exec(line)?.[1];
      if (stage !== undefined && ++retrieved % 50 === 0) progress(`  ${name}: ${line.slice(3)}`);
    },
  });
  renameSync(unfinished, target);
  progress(`Built ${name} in ${Math.round((Date.now() - started) / 1000)} s`);
}
