import { existsSync } from "node:fs";
import path from "node:path";

import { ApiSchema } from "./schema";

/** Releases of Proxmox VE whose API schema is in `data/`, newest first. */
export const RELEASES = ["9.2", "9.1", "8.4"] as const;

/** The file with the API schema of a release such as `9.1`. */
export const schemaPath = (release: string): string =>
  path.join(__dirname, "data", `pve-${release}.json`);

// Tests start many labs in one process.
const loaded = new Map<string, ApiSchema>();

/** The API schema for a version such as `9.1.2`; throws if there is none. */
export function loadSchema(
  version: string,
  file = schemaPath(version.split(".").slice(0, 2).join(".")),
): ApiSchema {
  const known = loaded.get(file);
  if (known !== undefined) return known;
  if (!existsSync(file)) {
    throw new Error(
      `The lab cannot be Proxmox VE ${version}: the API schema ${file} does not exist. ` +
        `Use a version of ${RELEASES.join(", ")}, or add the release as lab/schema/data/README.md describes.`,
    );
  }
  const schema = ApiSchema.read(file);
  loaded.set(file, schema);
  return schema;
}
