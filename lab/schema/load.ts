import { existsSync } from "node:fs";
import path from "node:path";

import { ApiSchema } from "./schema";

/** Where the official schemas lie when somebody put them beside the checkout. */
const FOLDER = path.resolve(__dirname, "../../../shared/pve-api");

/** Where the official schema of a release such as `9.1` lies, if somebody put it there. */
export const schemaPath = (release: string): string => path.join(FOLDER, `pve-${release}.json`);

/** Reading one takes a tenth of a second, and tests make many labs in one process. */
const loaded = new Map<string, ApiSchema>();

/** The schema for a version, or undefined (with a log line) when there is no file for it. */
export function loadSchema(
  version: string,
  file: string | false | undefined,
  log: (line: string) => void,
): ApiSchema | undefined {
  if (file === false) {
    log("the official schema is not checked: switched off");
    return undefined;
  }
  const release = version.split(".").slice(0, 2).join(".");
  const wanted = file ?? schemaPath(release);
  if (!existsSync(wanted)) {
    log(`the official schema is not checked: no file ${wanted}`);
    return undefined;
  }
  const schema = loaded.get(wanted) ?? ApiSchema.read(wanted);
  loaded.set(wanted, schema);
  return schema;
}
