/** What a look found changed by hand: what scripts/node/look.sh prints, as data. */
import type { Problem } from "./problem";
import { parseListedGuests, type ListedGuest } from "./standing";

/** One thing that is not as a script left it, with the lines of the difference where there are some. */
export interface Finding {
  readonly text: string;
  readonly diff: readonly string[];
}

/** What a look says about its subject: a guest, or a resource of the node. */
export interface Subject {
  /** By the name of the script that left something there; a resource of the node has one, `""`. */
  readonly scripts: ReadonlyMap<string, readonly Finding[]>;
  /** What could not be looked at, in a subject that could. */
  readonly unsure: readonly string[];
  /** What a person changed and no update touches before a person has decided. */
  readonly held: readonly Finding[];
  /** The node's clock when it was asked, in seconds since 1970; of the subject `node` alone. */
  readonly clock?: number;
  /** Why the subject could not be asked; nothing else is known of it then. */
  readonly off?: string;
  /** What is wrong with the container itself; any script of its guest puts it right first. */
  readonly container: readonly Finding[];
  /** Settings of the container that are in force, as in its file: `memory` -> `512`. */
  readonly settings: ReadonlyMap<string, string>;
  /** What the description of a guest says that carries this stack's tag without being its guest. */
  readonly foreign?: string;
  /** Every guest of the cluster, under the subject `guests` alone. */
  readonly guests: readonly ListedGuest[];
  /** Said of a resource of the node whose work is still to be done; empty where that needs no word. */
  readonly absent?: string;
}

/** All that a look said, by VMID or by the name of the resource. */
export type Look = ReadonlyMap<string, Subject>;

/** Why a script has to run again. */
export interface Repair {
  readonly reason: string;
  /** A person's change, which asks for attention, and not just something that is not there yet. */
  readonly drift: boolean;
}

/** A guest's words may not move the cursor of the terminal they are shown on. */
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Reads lines of subject, word and text with tabs between; what it does not know is passed over. */
export function parseLook(output: string): Look {
  const said = new Map<string, (readonly [word: string, text: string])[]>();
  for (const line of output.split("\n")) {
    const [subject = "", word = "", ...text] = line.split("\t");
    if (word === "") continue;
    const lines = said.get(subject) ?? [];
    said.set(subject, [...lines, [word, text.join("\t").replace(control, "?")]]);
  }
  return new Map([...said].map(([subject, lines]) => [subject, toSubject(lines)]));
}

type Line = readonly [word: string, text: string];

function toSubject(lines: readonly Line[]): Subject {
  const texts = (wanted: string) =>
    lines.filter(([word]) => word === wanted).map(([, text]) => text);
  const [off] = texts("off");
  const [absent] = texts("absent");
  const [clock] = texts("clock").map(Number);
  const [foreign] = texts("foreign");
  return {
    settings: new Map(texts("setting").map(toSetting)),
    container: texts("container").map((text) => ({ text, diff: [] })),
    guests: parseListedGuests(
      texts("guest")
        .map((text) => `guest\t${text}`)
        .join("\n"),
    ),
    ...(foreign === undefined ? {} : { foreign }),
    scripts: toScripts(lines),
    unsure: texts("unsure"),
    held: findingsOf("held", lines),
    ...(clock === undefined ? {} : { clock }),
    ...(off === undefined ? {} : { off }),
    ...(absent === undefined ? {} : { absent }),
  };
}

function toSetting(line: string): readonly [string, string] {
  const [, key = "", value = ""] = /^([^:\s]+)\s*[:=]\s*(.*)$/.exec(line) ?? [];
  return [key, value];
}

function toScripts(lines: readonly Line[]): ReadonlyMap<string, readonly Finding[]> {
  const starts = lines.flatMap(([word, text], at) => (word === "script" ? [{ text, at }] : []));
  const parts = [{ text: "", at: 0 }, ...starts];
  return new Map(
    parts.map(({ text, at }, index) => [
      text,
      findingsOf("found", lines.slice(at, parts[index + 1]?.at)),
    ]),
  );
}

/** The findings that one word opens, each with the lines of difference that follow it. */
function findingsOf(opening: "found" | "held", lines: readonly Line[]): readonly Finding[] {
  const findings: { readonly text: string; readonly diff: string[] }[] = [];
  let open = false;
  for (const [word, text] of lines) {
    if (word === "found" || word === "held") open = word === opening;
    if (word === opening) findings.push({ text, diff: [] });
    if (word === "diff" && open) findings.at(-1)?.diff.push(text);
  }
  return findings;
}

/** What a script has to put right in a guest; nothing where nobody could look. */
export function repairInGuest(look: Look, vmid: number, script: string): Repair | undefined {
  const subject = look.get(String(vmid));
  if (subject === undefined || subject.off !== undefined) return undefined;
  const { container } = subject;
  if (container.length > 0)
    return repairOf(
      container.map(({ text }) => ({ text: `Container ${vmid}: ${text}`, diff: [] })),
    );
  const findings = subject.scripts.get(script);
  if (findings === undefined)
    return { reason: `${script} has not left its mark in guest ${vmid} yet`, drift: false };
  return repairOf(findings);
}

/** What the script of that resource has to put right on the node. */
export function repairOnNode(look: Look, name: string): Repair | undefined {
  const subject = look.get(name);
  const findings = subject?.scripts.get("") ?? [];
  if (subject?.absent === undefined) return repairOf(findings);
  const reason = [subject.absent, ...findings.map(({ text }) => `    ${text}`)].join("\n");
  return { reason, drift: false };
}

function repairOf(findings: readonly Finding[]): Repair | undefined {
  if (findings.length === 0) return undefined;
  return { reason: findings.map(describeFinding).join("\n"), drift: true };
}

/** Guests under declared VMIDs that carry this stack's tag, but are a copy or a backup of another guest. */
export function copiesIn(look: Look): readonly Problem[] {
  return [...look].flatMap(([vmid, { foreign }]) =>
    foreign === undefined
      ? []
      : [
          {
            path: `container ${vmid}`,
            message: `is not the one that this stack created: its description says ${foreign}, as that of a copy or a restored backup does. Choose another VMID. To make it this stack's guest instead, remove that line from its notes.`,
          },
        ],
  );
}

/** A finding with its lines of difference below it. */
export function describeFinding({ text, diff }: Finding): string {
  return [text, ...diff.map((line) => `    ${line}`)].join("\n");
}

/** True when somebody made the disk larger than declared, in GiB. It stays: a disk cannot shrink. */
export function keepsLargerDisk(
  look: Look,
  { vmid, disk }: { readonly vmid: number; readonly disk: number },
): boolean {
  const rootfs = look.get(String(vmid))?.settings.get("rootfs") ?? "";
  // Without a unit, as the provider sends it: bytes.
  const [, amount = "0", unit = ""] = /\bsize=(\d+)([KMGT]?)/.exec(rootfs) ?? [];
  return Number(amount) * 1024 ** (["", "K", "M", "G", "T"].indexOf(unit) - 3) > disk;
}
