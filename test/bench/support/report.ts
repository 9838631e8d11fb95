/** What benchmarks found, as JSON to keep and as Markdown to read. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { format } from "prettier";
import { z } from "zod";

import { agreement } from "./agreement";

const FOLDER = join(__dirname, "..", "..", "..", "docs");
const JSON_FILE = join(FOLDER, "benchmarks.json");

const Table = z.object({
  title: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.string())),
});

const Chart = z.object({
  title: z.string(),
  sizes: z.array(z.number()),
  sizesAre: z.string(),
  valuesAre: z.string(),
  lines: z.array(z.object({ name: z.string(), values: z.array(z.number()) })),
});

const Target = z.object({
  what: z.string(),
  target: z.string(),
  measured: z.string(),
  met: z.boolean(),
});

const Section = z.object({
  name: z.string(),
  title: z.string(),
  text: z.string(),
  when: z.string(),
  machine: z.array(z.string()),
  /** Why the figures may be wrong, where the machine was busy. */
  doubts: z.array(z.string()),
  targets: z.array(Target),
  tables: z.array(Table),
  charts: z.array(Chart),
  notes: z.array(z.string()),
  /** What a reference took in this run, where every figure with a spread is a time: how quick the machine was. */
  pace: z.number().optional(),
  /** How it stands to the run before, where there was one on the same machine. */
  again: z.array(z.string()).optional(),
});

/** One benchmark: its tables, its curves, and how it stands to what was aimed at. */
export type Section = z.infer<typeof Section>;

/** What docs/benchmarks.json holds. */
export const Report = z.object({ sections: z.array(Section) });

/** Puts a section in the place of the one before of its name, in both files; gives back what was put. */
export async function keep(measured: Section): Promise<Section> {
  const before = existsSync(JSON_FILE)
    ? Report.parse(JSON.parse(readFileSync(JSON_FILE, "utf8"))).sections
    : [];
  const last = before.find(({ name }) => name === measured.name);
  const section = { ...measured, again: agreement(measured, last) };
  const sections = [...before.filter(({ name }) => name !== section.name), section].sort((a, b) =>
    a.name.localeCompare(b.name),
  );
  writeFileSync(JSON_FILE, await format(JSON.stringify({ sections }), { parser: "json" }));
  writeFileSync(join(FOLDER, "benchmarks.md"), await page(sections));
  return section;
}

/** The page; made from the JSON alone. */
export function page(sections: readonly Section[]): Promise<string> {
  const text = [
    "# Benchmarks",
    "Written by `make bench`; the figures are in [benchmarks.json](benchmarks.json). Times stand as the middle of all rounds, with the smallest and the largest in brackets. Ratios are of what ran in the same round.",
    ...sections.flatMap(part),
  ].join("\n\n");
  return format(text, { parser: "markdown", printWidth: 100 });
}

function part(section: Section): readonly string[] {
  const { title, text, when, machine, doubts, targets, tables, charts, notes, name } = section;
  const { again = [] } = section;
  const aims = targets.map(({ what, target, measured, met }) => [
    what,
    target,
    measured,
    met ? "met" : "**missed**",
  ]);
  return [
    `## ${title}`,
    text,
    `\`make bench-${name}\`, ${when}, on: ${machine.join("; ")}.`,
    ...doubts.map((doubt) => `**Doubtful:** ${doubt}`),
    ...(aims.length === 0 ? [] : [table(["target", "at most", "measured", ""], aims)]),
    ...tables.flatMap((entry) => [`### ${entry.title}`, table(entry.columns, entry.rows)]),
    ...charts.map(chart),
    ...list(notes),
    ...(again.length === 0 ? [] : ["Compared with the run before:", ...list(again)]),
  ];
}

const list = (lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [lines.map((line) => `- ${line}`).join("\n")];

const table = (columns: readonly string[], rows: readonly (readonly string[])[]): string =>
  [columns, columns.map((_, index) => (index === 0 ? "---" : "---:")), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");

/** Mermaid, which the pages of the usual forges draw. */
function chart({ title, sizes, sizesAre, valuesAre, lines }: z.infer<typeof Chart>): string {
  return [
    "```mermaid",
    "xychart-beta",
    `  title "${title}: ${lines.map(({ name }) => name).join(", ")}"`,
    `  x-axis "${sizesAre}" [${sizes.join(", ")}]`,
    `  y-axis "${valuesAre}"`,
    ...lines.map(({ values }) => `  line [${values.map((value) => value.toFixed(2)).join(", ")}]`),
    "```",
  ].join("\n");
}
