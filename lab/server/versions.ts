/** What differs between versions of Proxmox VE beyond the API schema. */

/** The version that the lab reports by default: netN knows host-managed from 9.1 on. */
export const DEFAULT_VERSION = "9.1.2";

/** Whether a version such as `9.1.2` is this release (`9.1`) or a later one. */
export function isAtLeast(version: string, release: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = release.split(".").map(Number);
  return major === wantedMajor ? minor >= wantedMinor : major > wantedMajor;
}
