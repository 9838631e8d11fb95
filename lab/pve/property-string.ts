import { ParameterError } from "../server/parameter-error";
import { checkPropertyString, splitPropertyString } from "../schema/check";
import type { PropertyFormat } from "../schema/schema";

/** Reads `key=value,...` against its format; a wrong one is Proxmox's 400 for parameter `name`. */
export function parsePropertyString(
  name: string,
  format: PropertyFormat,
  text: string,
): Map<string, string> {
  const complaint = checkPropertyString(name, format, text);
  if (complaint !== undefined) {
    throw new ParameterError({ [name]: `invalid format - ${complaint}\n` });
  }
  return splitPropertyString(format, text);
}

/** Prints as Proxmox does: the key without a name first, then required keys, then the rest sorted. */
export function printPropertyString(
  format: PropertyFormat,
  values: ReadonlyMap<string, string>,
): string {
  const rank = (key: string): number =>
    format[key]?.default_key === 1 ? 0 : format[key]?.optional === 1 ? 2 : 1;
  return [...values]
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map(([key, value]) => (format[key]?.default_key === 1 ? value : `${key}=${value}`))
    .join(",");
}
