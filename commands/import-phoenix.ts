/**
 * `import-phoenix HYPERVISOR.json LXC.json`: prints the declaration that two Phoenix files amount to,
 * and on stderr what could not be carried over. It ends with 1, and prints no declaration, when this
 * program would refuse it.
 */
import { readFileSync } from "node:fs";

import { parseDocument, stringify } from "yaml";

import { parseSite } from "../model/site";
import { readSource } from "../source-file";
import { importPhoenix, type Imported } from "./import/phoenix";
import { main, messageOf } from "./main";

/** Of the right form, but nobody's. */
const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/** Stands for what the files do not say, so that the rest can be judged. */
const missing = {
  node: { name: "pve", ssh: { host: "192.0.2.1", hostKey } },
  template: "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst",
};

function convert([hypervisor = "", lxc = ""]: readonly string[]): void {
  if (hypervisor === "" || lxc === "")
    throw new Error("usage: make import-phoenix HYPERVISOR=FILE LXC=FILE");
  const { site, notes, problems } = importPhoenix(read(hypervisor), read(lxc));
  report("Not carried over, or changed", notes);
  const refusals = problems.length > 0 ? problems : problemsOf(site);
  if (refusals.length > 0) {
    report("Refused; correct the files and run this again", refusals);
    process.exitCode = 1;
    return;
  }
  report("Still to be written", [
    "node: its name, and how SSH reaches it, with the host key.",
    "template: the volume id of a Debian 12 template.",
    "VMIDs: guests are created, so each must be free. What is in the old ones is yours to move.",
  ]);
  process.stdout.write(stringify({ config: { "proximity-lan:site": site } }));
}

/** What this program would refuse of it. */
function problemsOf(site: Imported["site"]): readonly string[] {
  const result = parseSite({ ...missing, ...site }, "import", readSource);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

function read(path: string): unknown {
  try {
    const text = readFileSync(path, "utf8");
    const value: unknown = JSON.parse(text);
    // JSON.parse drops the first of two equal keys, which may be a container; a parser of YAML, of which
    // JSON is a part, reports them. Its own message would show the line.
    const double = parseDocument(text).errors.find(({ code }) => code === "DUPLICATE_KEY");
    if (double !== undefined)
      throw new Error(
        `line ${double.linePos?.[0].line ?? "?"}: a key is there twice. Rename or remove one.`,
      );
    return value;
  } catch (error) {
    throw new Error(`${path}: ${messageOf(error)}`);
  }
}

function report(title: string, lines: readonly string[]): void {
  if (lines.length > 0)
    process.stderr.write(`${title}:\n${lines.map((line) => `  ${line}\n`).join("")}`);
}

main({
  usage: "import-phoenix HYPERVISOR.json LXC.json",
  options: {},
  positionals: [2, 2],
  run: ({ positionals }) => {
    convert(positionals);
  },
});
