/** The commands that the documents show. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { project, read, shellLines } from "./markdown";

/** Every document for a user or a contributor, by its path; what is generated from code has its own tests. */
export const handwritten = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(project, "docs"))
    .filter((file) => file.endsWith(".md"))
    .filter((file) => !/^(benchmarks|configuration|lab-coverage|outputs|policies)\.md$/.test(file))
    .map((file) => `docs/${file}`),
];

const forNode = ["docs/install.md", "docs/token.md"];

/** Commands for a real node. */
export const nodeLines = forNode.flatMap((path) => shellLines(read(path)));
/** All others. */
export const ownLines = handwritten
  .filter((path) => !forNode.includes(path))
  .flatMap((path) => shellLines(read(path)));

/** The words of a command; a quoted text is one. */
export function words(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

/** Names of the long flags of a command. */
export function flags(line: string): readonly string[] {
  return words(line).flatMap((word) => /^--([a-z-]+)$/.exec(word)?.[1] ?? []);
}
