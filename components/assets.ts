/** Files that lie in the appliance as they are in this project. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

import type { BundleFile } from "../render/bundle";

const root = join(__dirname, "..", "appliance");

/** Every file under appliance/, at the same path in the appliance; one that can be run stays so. */
export function applianceAssets(): readonly BundleFile[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({
      path: `/${relative(root, file)}`,
      mode: (statSync(file).mode & 0o100) === 0 ? "0644" : "0755",
      content: readFileSync(file, "utf8"),
    }));
}
