/** The few parts of a Markdown file that the tests of the documents look at. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The project's own folder. */
export const project = join(__dirname, "..", "..");

/** The text of a file of the project. */
export function read(path: string): string {
  return readFileSync(join(project, path), "utf8");
}

/** The text under a heading, up to the next one of the same or a higher level; throws without it. */
export function section(text: string, heading: string): string {
  const level = /^#+/.exec(heading)?.[0].length ?? 0;
  const start = text.indexOf(`\n${heading}\n`);
  if (level === 0 || start < 0) throw new Error(`there is no heading "${heading}"`);
  const body = text.slice(start + heading.length + 2);
  const end = body.search(new RegExp(`^#{1,${level}} `, "m"));
  return end < 0 ? body : body.slice(0, end);
}

/** The rows of the table whose first column is called so, cells trimmed; throws without it. */
export function table(text: string, firstColumn: string): readonly (readonly string[])[] {
  const lines = text.split("\n");
  const head = lines.findIndex((line) => cells(line)[0] === firstColumn);
  if (head < 0) throw new Error(`there is no table with the column "${firstColumn}"`);
  const body = lines.slice(head + 2);
  const end = body.findIndex((line) => !line.startsWith("|"));
  return body.slice(0, end < 0 ? body.length : end).map(cells);
}

function cells(line: string): readonly string[] {
  return line.startsWith("|")
    ? line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim())
    : [];
}

/** What stands between single backticks. */
export function codeSpans(text: string): readonly string[] {
  const prose = text.replace(/^```[^]*?^```$/gm, "");
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
}

/** The lines of every fenced `sh` block. */
export function shellLines(text: string): readonly string[] {
  return [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block = ""]) =>
    block.split("\n").filter((line) => line !== ""),
  );
}
