/** The template that OpenRC starts: built once by template.sh, kept beside the lab's own images. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";

import { findPlace, storageFolder } from "../../../lab/world/place";
import { PACKAGE_PROXY } from "../../../lab/world/topology";

const recipe = join(__dirname, "template.sh");
const sourcesOf = join(__dirname, "../../../lab/world/images/sources.sh");

/** What it is called on the node; by the name alone nobody can tell its family. */
const file = "openrc-on-debian-12.tar.zst";

/** Puts the template on the lab's first node, built before where it is new; gives its volume id. */
export function placeTemplate(lab: string): string {
  const place = findPlace(lab);
  const sources = execFileSync(sourcesOf, { encoding: "utf8" });
  const folder = join(place.cache, "images", `openrc-${digest([sources, PACKAGE_PROXY])}`);
  if (!existsSync(join(folder, file))) build(folder, sources);
  copyFileSync(
    join(folder, file),
    join(storageFolder(place, "pve1"), "local", "template", "cache", file),
  );
  return `local:vztmpl/${file}`;
}

/** Beside the target and moved there when it is whole; a build that was killed starts anew. */
function build(folder: string, sources: string): void {
  const unfinished = `${folder}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  console.log("Building a template with OpenRC (about two minutes, kept)");
  execFileSync(recipe, [join(unfinished, file), join(unfinished, "root"), PACKAGE_PROXY], {
    input: sources,
    stdio: ["pipe", "ignore", "inherit"],
  });
  renameSync(unfinished, folder);
}

function digest(texts: readonly string[]): string {
  const rootfs = join(__dirname, "rootfs");
  const files = readdirSync(rootfs, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const all = [...texts, ...[recipe, ...files].map((path) => readFileSync(path, "utf8"))];
  return createHash("sha256").update(all.join("\0")).digest("hex").slice(0, 12);
}
