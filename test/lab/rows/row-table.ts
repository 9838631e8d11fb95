/** The rows of docs/proxmox/provider-calls.md, by the key that a test's title begins with. */

/** Rows that say what a client does and ask nothing of the node; each with the reason why the lab has no test of it. */
export const CLIENT_ONLY: ReadonlyMap<string, string> = new Map([
  ["1.1 retry", "the provider repeats by itself; what it meets is test/lab/faults.test.ts"],
  ["1.3 row 1", "says which calls are not made"],
  ["1.5 row 2", "the provider's own SSH, which the program does not use"],
  ["2.1 bpg validator", "refused before any call; test/model/site.test.ts has the same rule"],
  ["2.1 PVE web UI / docs", "a recommendation that the API does not enforce"],
  ["2.2 import id", "a client's own notation"],
  ["2.3 row 1", "the provider's own timeout"],
  ["2.3 row 4", "what the provider replaces; test/lab-provider/odd-paths.test.ts"],
  ["3.4 row 5", "how long the provider waits"],
  ["6 row 4", "the program's choice; test/lab/api/storage-and-pools.test.ts has the list of nodes"],
  ["9 row 8", "the lab has a Debian template only, and refuses other systems with 501"],
]);

/** The part of a row's first cell that names it. */
const nameOf = (cell: string): string =>
  (cell.replace(/[`*]|\[i\]/g, "").split(/[,(+]/)[0] ?? "").trim();

interface Heading {
  readonly section: string;
  readonly wanted: boolean;
}

/** The heading of a line, or undefined; only sections with calls and contracts count. */
function headingOf(line: string, sections: RegExp): Heading | undefined {
  const section = /^#{2,3} (\d+(?:\.\d+)?)\b/.exec(line)?.[1];
  if (section === undefined) return undefined;
  return { section, wanted: sections.test(section) };
}

/** Keys of a page: `SECTION NAME` of a table's row, `SECTION row N` of a numbered row or of a list's item. */
export function rowsOf(page: string, sections: RegExp): readonly string[] {
  const keys: string[] = [];
  let heading: Heading = { section: "", wanted: false };
  let isBody = false;
  let items = 0;
  for (const line of page.split("\n")) {
    const next = headingOf(line, sections);
    if (next !== undefined) [heading, items] = [next, 0];
    const isTable = line.startsWith("|");
    if (!isTable) isBody = false;
    else if (/^\|\s*-/.test(line)) isBody = true;
    else if (isBody && heading.wanted) {
      const name = nameOf(line.split("|")[1] ?? "");
      keys.push(`${heading.section} ${/^\d+$/.test(name) ? "row " : ""}${name}`);
    }
    if (/^(?:- |\d+\. )/.test(line) && heading.wanted) {
      keys.push(`${heading.section} row ${++items}`);
    }
  }
  return keys;
}

/** The keys that a title begins with: `1.1 base; 1.1 scheme: words`. */
export const keysOf = (title: string): readonly string[] =>
  (/^(.*?): /.exec(title)?.[1] ?? "").split("; ").filter((key) => /^\d/.test(key));
