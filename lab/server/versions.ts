/** What differs between versions of Proxmox VE beyond the schema, for a lab that has no schema at hand. */
import { ParameterError } from "./parameter-error";

/** The version that the lab says it is unless told otherwise: netN knows host-managed from 9.1 on. */
export const DEFAULT_VERSION = "9.1.2";

/** Whether a version such as `9.1.2` is this release (`9.1`) or a later one. */
export function isAtLeast(version: string, release: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = release.split(".").map(Number);
  return major === wantedMajor ? minor >= wantedMinor : major > wantedMajor;
}

const UNKNOWN =
  "property is not defined in schema and the schema does not allow additional properties";

/** Refuses with 400 the options of guests that came with 9.1: host-managed in `netN`, entrypoint, env. */
export function assertVersionKnows(
  version: string,
  options: readonly (readonly [string, string])[],
): void {
  if (isAtLeast(version, "9.1")) return;
  for (const [key, value] of options) {
    if (key === "entrypoint" || key === "env") throw new ParameterError({ [key]: UNKNOWN });
    if (/^net\d+$/.test(key) && /(?:^|,)host-managed=/.test(value)) {
      const complaint = `format error\n${key}.host-managed: ${UNKNOWN}`;
      throw new ParameterError({ [key]: `invalid format - ${complaint}\n` });
    }
  }
}
