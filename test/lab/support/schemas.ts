import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { z } from "zod";

/** The releases whose official schema the lab knows. */
export const RELEASES = ["9.1", "8.4"] as const;

/** The versions of Proxmox VE that every suite of the API runs as; the newer one is the lab's default. */
export const VERSIONS = ["9.1.2", "8.4.2"] as const;

const schema = z.object({
  methods: z.array(
    z.object({ path: z.string(), method: z.string(), permissions: z.unknown().optional() }),
  ),
});

/** Permission by method (`GET /nodes`), or undefined, with a line on why, where there is no schema. */
export function officialPermissions(release: string): ReadonlyMap<string, unknown> | undefined {
  const file = path.resolve(__dirname, `../../../../shared/pve-api/pve-${release}.json`);
  if (!existsSync(file)) {
    console.log(`      skipped: the official schema of ${release} is not at ${file}`);
    return undefined;
  }
  const { methods } = schema.parse(JSON.parse(readFileSync(file, "utf8")));
  return new Map(
    methods.map((entry) => [`${entry.method} ${entry.path}`, entry.permissions] as const),
  );
}

/** Describes a suite once for each version of Proxmox VE. */
export function describeEachVersion(title: string, suite: (version: string) => void): void {
  for (const version of VERSIONS) {
    describe(`${title}, as Proxmox VE ${version}`, () => {
      suite(version);
    });
  }
}
