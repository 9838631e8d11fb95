/** Files of apps and guests whose text stands in a file of its own beside the declaration. */
import type { Problem } from "./problem";
import { isRecord, mapAt, mapValues } from "./record";

/** The text of a file, by its path from the project's folder; or, in a sentence, why there is none. */
export type ReadSource = (path: string) => SourceText;

/** What reading a source gave. */
export type SourceText =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string };

/** A site with the text of every source in its place, and all that is wrong with the sources. */
export interface Sourced {
  readonly site: unknown;
  readonly problems: readonly Problem[];
}

/**
 * Puts each `source` of a file in the place of its `content`. Pulumi hands the whole declaration to the
 * program in one environment variable, which Linux limits to 128 KiB (execve(2), MAX_ARG_STRLEN); what
 * `source` names does not count. Whatever else is wrong with a file is left for the schema to say.
 */
export function withSources(site: unknown, read: ReadSource): Sourced {
  const problems: Problem[] = [];
  const ofFile = (path: string, file: unknown): unknown => {
    if (!isRecord(file)) return file;
    const { source, ...rest } = file;
    const refuse = (message: string, at = path): unknown => {
      problems.push({ path: at, message });
      return { ...rest, content: "" };
    };
    if (source === undefined)
      return "content" in rest
        ? file
        : refuse("has no text. Write it under content, or name a file that holds it under source.");
    if (typeof source !== "string") return file;
    if ("content" in rest) return refuse("has both content and source. Keep one of them.");
    const found = read(source);
    return found.ok ? { ...rest, content: found.text } : refuse(found.why, `${path}.source`);
  };
  const ofGuest = (guest: unknown, at: string): unknown =>
    mapAt(guest, {
      files: (files) => mapValues(files, (file, path) => ofFile(`${at}.files.${path}`, file)),
    });
  const ofGuests = (guests: unknown, kind: string): unknown =>
    mapValues(guests, (guest, name) => ofGuest(guest, `${kind}.${name}`));
  return { site: mapAt(site, { apps: ofGuests, guests: ofGuests }), problems };
}
