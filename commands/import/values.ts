/** Values of a Phoenix file, each noted as used; old files write numbers and switches as text. */
import type { Place } from "./place";

/** What is wrong with a file, as `path: sentence`; filled while it is read. */
export type Problems = string[];

/** A text; undefined when there is none, or an empty one. */
export function textAt(place: Place, problems: Problems): string | undefined {
  const text = read(place, "text", problems, (value) =>
    typeof value === "string" ? value.trim() : undefined,
  );
  return text === "" ? undefined : text;
}

/** A whole number of at least 0; undefined when there is none. */
export function wholeAt(place: Place, problems: Problems): number | undefined {
  return read(place, "a whole number", problems, (value) => {
    const number = typeof value === "string" && /^\d+$/.test(value.trim()) ? Number(value) : value;
    return typeof number === "number" && Number.isInteger(number) && number >= 0
      ? number
      : undefined;
  });
}

/** Whether a switch is on; for Phoenix, anything but true is off. Undefined when there is none. */
export function switchAt(place: Place): boolean | undefined {
  if (place.value === undefined || place.value === null) return undefined;
  const word = typeof place.value === "boolean" ? String(place.value) : place.value;
  if (word === "true" || word === "false") place.use();
  else place.leave("it is neither true nor false, so it counts as false.");
  return word === "true";
}

/** The words of a text, or of a list of texts, which blanks and commas separate. */
export function wordsAt(place: Place, problems: Problems): readonly string[] {
  const words = read(place, "text or a list of texts", problems, (value) => {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.every((item) => typeof item === "string") ? list : undefined;
  });
  return (words ?? []).flatMap((text) => text.split(/[\s,;]+/)).filter((word) => word !== "");
}

function read<T>(
  place: Place,
  what: string,
  problems: Problems,
  convert: (value: unknown) => T | undefined,
): T | undefined {
  if (place.value === undefined || place.value === null) return undefined;
  place.use();
  const value = convert(place.value);
  if (value === undefined) problems.push(`${nameOf(place.path)}: is not ${what}.`);
  return value;
}

/** How a place is named to a person: without the frame around the containers. */
export function nameOf(path: readonly string[]): string {
  return (path[0] === "lxc_configs" ? path.slice(1) : path).join(".");
}
