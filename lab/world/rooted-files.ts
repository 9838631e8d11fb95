/** Files below another root (a host's, a guest's), whose symbolic links must not lead out of it. */
import {
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

/** As many links as the kernel follows in one path. */
const MAX_LINKS = 40;

const isMissing = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  (error.code === "ENOENT" || error.code === "ENOTDIR");

/** The answer of a file operation, or undefined when the file does not exist. */
function unlessMissing<T>(operation: () => T): T | undefined {
  try {
    return operation();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function linkTarget(file: string): string | undefined {
  return unlessMissing(() => (lstatSync(file).isSymbolicLink() ? readlinkSync(file) : undefined));
}

/** The path on the machine of a path below the root, with every symbolic link taken from that root. */
export function resolveBelow(root: string, file: string): string {
  const rest = file.split("/");
  let at: string[] = [];
  for (let links = 0; rest.length > 0;) {
    const name = rest.shift() ?? "";
    if (name === "" || name === ".") continue;
    if (name === "..") {
      at.pop();
      continue;
    }
    const target = linkTarget(path.join(root, ...at, name));
    if (target === undefined) {
      at.push(name);
      continue;
    }
    if (++links > MAX_LINKS) throw new Error(`Too many symbolic links in ${file}.`);
    if (target.startsWith("/")) at = [];
    rest.unshift(...target.split("/"));
  }
  return path.join(root, ...at);
}

/** Text of a file, or undefined when it does not exist. */
export const readBelow = (root: string, file: string): string | undefined =>
  unlessMissing(() => readFileSync(resolveBelow(root, file), "utf8"));

/** Names in a folder, sorted; empty when it does not exist. */
export const listBelow = (root: string, folder: string): readonly string[] =>
  unlessMissing(() => readdirSync(resolveBelow(root, folder)))?.sort() ?? [];

/** Removes a file; one that does not exist is fine. */
export const removeBelow = (root: string, file: string): void => {
  rmSync(resolveInParent(root, file), { force: true });
};

/** The folder's links are followed, the file's own is not: it is what gets replaced or removed. */
const resolveInParent = (root: string, file: string): string =>
  path.join(resolveBelow(root, path.dirname(file)), path.basename(file));

/** Replaces a file atomically, makes its folders, and gives what is new to the owner (user and group id). */
export function writeBelow(root: string, file: string, text: string, owner = 0): void {
  const target = resolveInParent(root, file);
  const made = mkdirSync(path.dirname(target), { recursive: true });
  if (made !== undefined) chownFolders(made, path.dirname(target), owner);
  const temporary = `${target}.tmp.${process.pid}`;
  const mode = unlessMissing(() => lstatSync(target).mode & 0o7777) ?? 0o644;
  writeFileSync(temporary, text, { mode });
  chownSync(temporary, owner, owner);
  renameSync(temporary, target);
}

function chownFolders(first: string, last: string, owner: number): void {
  for (let folder = last; folder.length >= first.length; folder = path.dirname(folder)) {
    chownSync(folder, owner, owner);
  }
}
