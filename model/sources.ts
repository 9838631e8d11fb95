/** Files of apps and guests whose text stands in a file of its own beside the declaration. */
import type { Problem } from "./problem";

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
  const sourced = inside(site, ["apps", "guests"], (path, guests) =>
    inside(guests, undefined, (name, guest) =>
      inside(guest, ["files"], (key, files) =>
        inside(files, undefined, (file, value) => ofFile([path, name, key, file].join("."), value)),
      ),
    ),
  );
  return { site: sourced, problems };
}

/** A record with the values of some keys changed, all of them where none are named; anything else as it is. */
function inside(
  value: unknown,
  keys: readonly string[] | undefined,
  change: (key: string, value: unknown) => unknown,
): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      keys === undefined || keys.includes(key) ? change(key, inner) : inner,
    ]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
