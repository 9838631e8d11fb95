/** One preview as the page that a reviewer reads. */
import type { PlanViolation } from "../../model/guards/plan";
import { exposureChanges } from "../../model/exposure";
import { notChecked } from "../../model/offline";
import { differencesOf, isContainer, type Step } from "../../model/plan";
import type { Preview } from "./events";
import { fileChanges } from "./files";
import { meaningOf, warningsOf } from "./words";

/** What the page is made of. */
export interface Page extends Preview {
  readonly planViolations: readonly PlanViolation[];
}

/** The whole page. */
export function renderPreview(page: Page): string {
  const { stack, steps, warnings, apps, exposure } = page;
  const head = [
    `## Preview of \`${stack}\`: ${countsOf(page)}`,
    ...list("Opens and closes", exposureLines(exposure)),
    ...list("What it means", meaningOf(steps)),
    ...list("Take care", warningsOf(steps, apps)),
    ...list("Policies", policyLines(page)),
    ...list(
      "Not checked: the node was not asked",
      warnings.flatMap((text) => (isUnchecked(text) ? [text.slice(notChecked.length)] : [])),
    ),
    ...blocks(
      "Warnings",
      warnings.filter((text) => !isUnchecked(text)),
    ),
    ...blocks(
      "Errors",
      page.errors.filter((text) => text !== "preview failed"),
    ),
  ]
    .join("\n")
    .concat("\n");
  return `${head}${changes(steps, limit - head.length)}`;
}

/** GitHub takes 65,536 characters for a comment; the workflow adds a few of its own. */
const limit = 65_000;

function exposureLines({ before, after }: Page["exposure"]): readonly string[] {
  // Without outputs there is nothing to compare, for example where the program itself refused.
  if (after === undefined) return [];
  const lines = exposureChanges(before ?? {}, after);
  return lines.length === 0 ? ["Nothing changes in what is open to the LAN."] : lines;
}

function isUnchecked(text: string): boolean {
  return text.startsWith(notChecked);
}

function countsOf({ counts }: Preview): string {
  const words = {
    create: "to create",
    update: "to update",
    replace: "to replace",
    delete: "to delete",
    same: "unchanged",
  };
  const told = Object.entries(words).flatMap(([key, word]) =>
    counts[key] === undefined ? [] : [`${counts[key]} ${word}`],
  );
  return told.join(", ") || "nothing to do";
}

function list(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0
    ? []
    : ["", `### ${title}`, "", ...lines.map((line) => `- ${oneLine(line)}`)];
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}

/** Texts of several lines, each in a block that keeps its lines. */
function blocks(title: string, texts: readonly string[]): readonly string[] {
  return texts.length === 0
    ? []
    : [
        "",
        `### ${title}`,
        ...texts.flatMap((text) =>
          text.includes("\n") ? fenced("text", text) : ["", `- ${text}`],
        ),
      ];
}

function policyLines({ violations, planViolations }: Page): readonly string[] {
  const lines = [
    ...violations.map(
      ({ policy, level, resource, message }) =>
        `${level === "mandatory" ? "❌" : "⚠"} **${policy}** on \`${resource}\`: ${message}`,
    ),
    ...planViolations.map(({ rule, path, message }) => `❌ **${rule}** on \`${path}\`: ${message}`),
  ];
  return lines.length === 0 ? ["Every policy holds."] : lines;
}

/** As many of the changes as there is room for, in characters; what is missing is named. */
function changes(steps: readonly Step[], room: number): string {
  const parts = steps.flatMap((step) => {
    const lines = linesOf(step);
    return lines.length === 0
      ? []
      : [["", `#### ${step.operation} \`${step.name}\``, ...lines, ""].join("\n")];
  });
  if (parts.length === 0) return "";
  const title = "\n### Changes\n";
  const missing = (count: number) =>
    `\n${count} more changes are not shown, for lack of room. \`make preview\` shows them in the terminal.\n`;
  let text = title;
  for (const [index, part] of parts.entries()) {
    const left = parts.length - index;
    if (text.length + part.length + missing(left).length > room) return `${text}${missing(left)}`;
    text += part;
  }
  return text;
}

function linesOf(step: Step): readonly string[] {
  if (step.type.startsWith("command:")) return commandLines(step);
  if (!isContainer(step) || step.operation === "delete") return [];
  const rows = differencesOf(step)
    .filter(({ path }) => path !== "description")
    .map(({ path, before = "", after = "" }) => `| ${path} | ${before} | ${after} |`);
  return step.operation === "create" || rows.length === 0
    ? []
    : ["", "| input | before | after |", "| --- | --- | --- |", ...rows];
}

/** The files of a command as diffs; its call, connection and triggers mean nothing to a reader. */
function commandLines(step: Step): readonly string[] {
  return step.operation === "delete" ? [] : fileChanges(step).diffs.flatMap(diffBlock);
}

/** Lines of a diff up to which it is shown unfolded. */
const longest = 40;

function diffBlock(text: string): readonly string[] {
  const lines = text.trimEnd().split("\n");
  const block = fenced("diff", text);
  if (lines.length <= longest) return block;
  const name = lines.find((line) => /^\+\+\+ /.test(line))?.slice(4) ?? "a file";
  return [
    "",
    `<details><summary>${escaped(name)}: ${lines.length} lines</summary>`,
    ...block,
    "",
    "</details>",
  ];
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** A fence longer than any in the text, so that no content can end its block. */
function fenced(language: string, text: string): readonly string[] {
  const run = Math.max(2, ...[...text.matchAll(/`+/g)].map(([backticks]) => backticks.length));
  const fence = "`".repeat(run + 1);
  return ["", `${fence}${language}`, text.trimEnd(), fence];
}
