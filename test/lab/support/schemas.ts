/** The versions of Proxmox VE that every suite of the API runs as; the newer one is the lab's default. */
export const VERSIONS = ["9.1.2", "8.4.2"] as const;

/** Describes a suite once for each version of Proxmox VE. */
export function describeEachVersion(title: string, suite: (version: string) => void): void {
  for (const version of VERSIONS) {
    describe(`${title}, as Proxmox VE ${version}`, () => {
      suite(version);
    });
  }
}
