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
  return [
    `## Preview of \`${stack}\`: ${countsOf(page)}`,
    ...list("Opens and closes", exposureLines(exposure)),
    ...list("What it means", meaningOf(steps)),
    ...list("Take care", warningsOf(steps, apps)),
    ...list("Policies", policyLines(page)),
    ...list(
      "Not checked: the node was not asked",
      warnings.flatMap((text) => (isUnchecked(text) ? [text.slice(notChecked.length)] : [])),
    ),
    ...list(
      "Warnings",
      warnings.filter((text) => !isUnchecked(text)),
    ),
    ...list(
      "Errors",
      page.errors.filter((text) => text !== "preview failed"),
    ),
    ...changes(steps),
  ]
    .join("\n")
    .concat("\n");
}

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

function changes(steps: readonly Step[]): readonly string[] {
  const told = steps.flatMap((step) => {
    const lines = linesOf(step);
    return lines.length === 0 ? [] : ["", `#### ${step.operation} \`${step.name}\``, ...lines];
  });
  return told.length === 0 ? [] : ["", "### Changes", ...told];
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

/** Its files as diffs, and its call where that changed; connection and triggers mean nothing to a reader. */
function commandLines(step: Step): readonly string[] {
  const { diffs } = fileChanges(step);
  const call = differencesOf(step).filter(({ path }) => path === "create" || path === "delete");
  if (step.operation === "delete") return [];
  return [
    ...(step.operation === "create"
      ? []
      : call.flatMap(({ before, after }) => diffBlock(`-${before ?? ""}\n+${after ?? ""}\n`))),
    ...diffs.flatMap(diffBlock),
  ];
}

/** A fence longer than any in the text, so that no content can end its block. */
function diffBlock(text: string): readonly string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return ["", `${fence}diff`, text.trimEnd(), fence];
}
