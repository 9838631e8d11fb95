/** Texts that the declaration names instead of holding them. */
import { readFileSync, realpathSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { TextDecoder } from "node:util";

import type { SourceText } from "./model/sources";

/**
 * Reads a text of the project, UTF-8. Nothing outside the project's folder is read, also not through a
 * link: what it holds goes into the state and into containers, and a preview runs on other people's changes.
 */
export function readSource(path: string, project = __dirname): SourceText {
  const refuse = (why: string): SourceText => ({ ok: false, why });
  if (isAbsolute(path))
    return refuse("is an absolute path. Name a file within the project's folder, from there.");
  try {
    const root = realpathSync(project);
    const file = realpathSync(join(root, path));
    if (/^\.\.($|\/)/.test(relative(root, file)))
      return refuse("is outside the project's folder. Put the file into it.");
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { ok: true, text: text.decode(readFileSync(file)) };
  } catch (error) {
    return refuse(`cannot be read. ${reason(path, error)}`);
  }
}

function reason(path: string, error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? error.code : undefined;
  if (code === "ENOENT") return `There is no ${path} in the project's folder.`;
  if (code === "EISDIR") return `${path} is a folder.`;
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA")
    return `${path} is no text in UTF-8, and only texts can be placed.`;
  return error.message;
}
