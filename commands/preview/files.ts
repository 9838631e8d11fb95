/** What a script places, before and after, as text diffs that a person can read. */
import { createTwoFilesPatch } from "diff";

import { splitBundle } from "../../model/bundle";
import { secretIn } from "../../model/guards/secrets";
import type { Step } from "../../model/plan";

/** The diffs of one step's files, and the names of the scripts that changed. */
export interface FileChanges {
  readonly diffs: readonly string[];
  readonly scripts: readonly string[];
  /** Paths of the files, those included that are made from the others and not shown. */
  readonly paths: readonly string[];
}

/** Lists of the other files and their checksums: a diff of it would say everything twice. */
const derived: readonly string[] = ["/etc/proximity/site.json"];

/** Compares the bundles of a script's stdin; scripts are code, reviewed where it changed, so only named. */
export function fileChanges({ before, after }: Step): FileChanges {
  const old = partsOf(before["stdin"]);
  const now = partsOf(after["stdin"]);
  const changed = [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => old.get(path) !== now.get(path))
    .sort();
  const isFile = (path: string) => path.startsWith("/");
  return {
    diffs: changed
      .filter((path) => isFile(path) && !derived.includes(path))
      .map((path) => unified(path, old.get(path) ?? "", now.get(path) ?? "")),
    scripts: changed.filter((path) => !isFile(path)),
    paths: changed.filter(isFile),
  };
}

/** The call's words, which stand in front of the script too; they are told as the call. */
const ownWords = /^\[ \$# -gt 0 \] \|\| set -- .*\n/;

/** Contents by path; a file for a guest has its path there, everything else its name in the bundle. */
function partsOf(stdin: unknown): ReadonlyMap<string, string> {
  if (typeof stdin !== "string" || stdin === "") return new Map();
  if (stdin === "[secret]") return new Map([["a secret text", stdin]]);
  const { script, files } = splitBundle(stdin);
  return new Map([
    ["the node's script", script.replace(ownWords, "")],
    ...files.map(({ path, content }) => [placeOf(path), content] as const),
  ]);
}

function placeOf(path: string): string {
  return path.replace(/^files\//, "/").replace(/^firewall\//, "/etc/pve/firewall/");
}

function unified(path: string, before: string, after: string): string {
  const secret = secretIn(before) ?? secretIn(after);
  if (secret !== undefined) return `${path}: it holds ${secret} and is not shown\n`;
  const patch = createTwoFilesPatch(path, path, before, after, "", "", { context: 2 });
  return patch.replace(/^(Index: .*\n)?=+\n/, "").replace(/\t$/gm, "");
}
