/** What a plan means, in sentences for the person who has to agree to it. */
import {
  differencesOf,
  isContainer,
  isOfApp,
  rebootsFor,
  type Difference,
  type Step,
} from "../../model/plan";
import { fileChanges } from "./files";

/** What happens, one sentence for each container and each set-up that is run again. */
export function meaningOf(steps: readonly Step[]): readonly string[] {
  return [
    ...steps.filter(isContainer).map(containerSentence),
    ...steps
      .filter((step) => !isContainer(step) && !isNewOrGone(step, steps))
      .filter(({ type }) => type.startsWith("command:") || type.includes("bridge"))
      .filter((step) => !isForScriptsAlone(step))
      .map(setupSentence),
    ...scriptsSentence(steps),
  ];
}

/** A script is shared by many steps: told once for all of them, and shown where it was changed. */
function scriptsSentence(steps: readonly Step[]): readonly string[] {
  const concerned = steps
    .filter(({ operation }) => operation === "update")
    .map((step) => ({ ...step, scripts: fileChanges(step).scripts }))
    .filter(({ scripts }) => scripts.length > 0);
  if (concerned.length === 0) return [];
  const names = [...new Set(concerned.flatMap(({ scripts }) => scripts))].sort();
  const alone = concerned.filter(isForScriptsAlone).map(({ name }) => `\`${name}\``);
  const rest = alone.length === 0 ? "" : `, for that alone: ${alone.join(", ")}`;
  const runs = concerned.length === 1 ? "1 set-up is" : `${concerned.length} set-ups are`;
  return [`The project's own scripts changed (${names.join(", ")}): ${runs} run again${rest}.`];
}

function isForScriptsAlone(step: Step): boolean {
  if (step.operation !== "update") return false;
  const { scripts, paths } = fileChanges(step);
  return scripts.length > 0 && paths.length === 0 && !hasOtherCall(step);
}

function hasOtherCall(step: Step): boolean {
  return differencesOf(step).some(({ path }) => path === "create");
}

function isNewOrGone({ component }: Step, steps: readonly Step[]): boolean {
  return steps.some(
    (step) =>
      isContainer(step) && step.operation !== "update" && step.component.name === component.name,
  );
}

function containerSentence(step: Step): string {
  const { operation, name, before, after } = step;
  const what = `${isOfApp(step) ? "App" : "Guest"} \`${name}\``;
  const at = ({ vmId, nodeName }: Step["before"]) => `container ${show(vmId)} on ${show(nodeName)}`;
  switch (operation) {
    case "create":
      return `${what} is added: ${at(after)}.`;
    case "delete":
      return `${what} is removed: ${at(before)}, **with its disk**.`;
    case "replace":
      return `${what} is made anew, **empty**: ${at(after)}${because(differencesOf(step))}.`;
    case "update":
      return updateSentence(what, step);
  }
}

function updateSentence(what: string, step: Step): string {
  const move = moveOf(step);
  const rest = differencesOf(step)
    .filter(isTelling)
    .filter(({ path }) => move === "" || !isOfPlace(path))
    .map(change);
  const changes = rest.length === 0 ? "" : `changes: ${rest.join(", ")}`;
  return `${what} ${[move, changes].filter((part) => part !== "").join("; it ")}.`;
}

/** Where an app goes; its tags say where it is (model/placement.ts). */
function moveOf({ before, after }: Step): string {
  const [old, now] = [placeIn(before["tags"]), placeIn(after["tags"])];
  if (old === now || old === undefined || now === undefined) return "";
  return `moves from ${old} to ${now}, restarts there, and keeps its disk`;
}

const places: readonly (readonly [tag: string, place: string])[] = [
  ["platinum", "the private network"],
  ["direct", "your LAN"],
  ["fallback", "your LAN"],
];

function placeIn(tags: unknown): string | undefined {
  const all: readonly unknown[] = Array.isArray(tags) ? tags : [];
  return places.find(([tag]) => all.includes(tag))?.[1];
}

/** Inputs that follow from the place of an app. */
function isOfPlace(path: string): boolean {
  return /^(tags|networkInterfaces|initialization\.dns)\b/.test(path);
}

function setupSentence(step: Step): string {
  const { operation, name, component } = step;
  const call = hasOtherCall(step) ? [`its settings${changedWords(step)}`] : [];
  const parts = [...call, ...fileChanges(step).paths.map((path) => `\`${path}\``)];
  const changed = operation === "update" && parts.length > 0 ? `, for ${parts.join(", ")}` : "";
  const of = component.name === "" ? "" : ` of \`${component.name}\``;
  const verbs = {
    create: "is run for the first time",
    update: "is run again",
    delete: "is undone",
    replace: "is run anew",
  };
  return `\`${name}\`${of} ${verbs[operation]}${changed}.`;
}

/** The arguments of a script that change, such as its packages or port. */
function changedWords({ before, after }: Step): string {
  const [old, now] = [wordsOf(before["create"]), wordsOf(after["create"])];
  const count = Math.max(old.length, now.length);
  const pairs = Array.from({ length: count }, (_, at) => [old[at] ?? "", now[at] ?? ""] as const)
    .filter(([one, other]) => one !== other)
    .map((pair) => pair.map((word) => (word === "" ? "none" : `\`${word}\``)).join(" → "));
  return pairs.length === 0 ? "" : ` (${pairs.join(", ")})`;
}

/** The words of a call as render/call.ts writes it: a word with blanks is in single quotes. */
function wordsOf(call: unknown): readonly string[] {
  return typeof call === "string"
    ? [...call.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "")
    : [];
}

/** What a person should know before agreeing: reboots, losses, and whom they cut off. */
export function warningsOf(steps: readonly Step[], apps: readonly string[]): readonly string[] {
  return steps.filter(isContainer).flatMap((step) => {
    const reboots = rebootsFor(step);
    const gone = step.operation === "delete" || step.operation === "replace";
    if (reboots.length === 0 && !gone) return [];
    const kind = gone
      ? `\`${step.name}\` loses its disk`
      : `\`${step.name}\` reboots (${reboots.join(", ")})`;
    const others = isOfApp(step) || apps.length === 0 ? "" : affected(step, apps);
    return [`${kind}${others}.`];
  });
}

function affected({ component }: Step, apps: readonly string[]): string {
  return component.type.endsWith(":Appliance")
    ? `; every app is cut off meanwhile: ${apps.map((app) => `\`${app}\``).join(", ")}`
    : "";
}

function because(differences: readonly Difference[]): string {
  const told = differences.filter(isTelling).map(change).join(", ");
  return told === "" ? "" : ` (${told})`;
}

/** The description tells when a container was made; it differs and means nothing. */
function isTelling({ path }: Difference): boolean {
  return path !== "description" && !path.startsWith("operatingSystem");
}

/** `memory.dedicated 512 → 1024` */
function change({ path, before, after }: Difference): string {
  return `${path} ${before ?? "none"} → ${after ?? "none"}`;
}

function show(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "?";
}
