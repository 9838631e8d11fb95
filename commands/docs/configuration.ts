/** docs/configuration.md: every key of a site, from the schema that checks it. */
import { schemaRows, type Row } from "./rows";

/** The whole page. */
export function renderConfiguration(): string {
  const rows = schemaRows();
  const groups = [...new Set(rows.map(groupOf))].map(
    (name) => [name, rows.filter((row) => groupOf(row) === name)] as const,
  );
  const single = groups.filter(([, own]) => own.length === 1);
  const grouped = groups.filter(([, own]) => own.length > 1);
  return [
    "# Configuration",
    "",
    "Made from the schema in `model/schema/` by `make docs`; change it there.",
    "",
    "Everything about the site stands in `Pulumi.<stack>.yaml` under `proximity-lan:site`. A key that is not here is",
    "refused, with its place and a remedy. Words in capitals, such as NAME, stand for a word that you choose.",
    "",
    "An editor that speaks the YAML language server completes and checks the file with this first line:",
    "`# yaml-language-server: $schema=docs/stack.schema.json`.",
    "",
    ...table(single.flatMap(([, own]) => own)),
    ...grouped.flatMap(([name, own]) => [`## ${name}`, "", ...table(own)]),
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

function groupOf({ key }: Row): string {
  return key.split(".")[0] ?? key;
}

function table(rows: readonly Row[]): readonly string[] {
  return [
    "| key | type | default | meaning |",
    "| --- | --- | --- | --- |",
    ...rows.map(
      ({ key, type, defaultText, meaning }) =>
        `| \`${key}\` | ${type} | ${defaultText} | ${meaning} |`,
    ),
    "",
  ];
}
