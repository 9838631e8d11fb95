/** The grammar of /etc/network/interfaces, on the node and inside guests alike. */
import { BackendError } from "../backend/backend";

export type Family = "inet" | "inet6";

/** One `iface` stanza; options keep their order, comments are the `#` lines below it. */
export interface Stanza {
  readonly iface: string;
  readonly family: Family;
  readonly method: string;
  readonly options: readonly (readonly [string, string])[];
  readonly comments: readonly string[];
}

/** A whole file; `other` holds lines such as `source`, kept as they are. */
export interface InterfacesFile {
  readonly header: readonly string[];
  readonly auto: readonly string[];
  readonly stanzas: readonly Stanza[];
  readonly other: readonly string[];
}

interface OpenStanza extends Stanza {
  readonly options: [string, string][];
  readonly comments: string[];
}

const STANZA = /^iface\s+(\S+)\s+(inet6?)\s+(\S+)\s*$/;
const OTHER = /^(?:source|source-directory|mapping|allow-\S+|no-auto-down|no-scripts)\s/;

interface Draft extends InterfacesFile {
  readonly header: string[];
  readonly auto: string[];
  readonly stanzas: OpenStanza[];
  readonly other: string[];
}

const openStanza = ([, iface = "", family = "", method = ""]: RegExpExecArray): OpenStanza => ({
  iface,
  family: family === "inet6" ? "inet6" : "inet",
  method,
  options: [],
  comments: [],
});

/** Reads one line that is not blank; returns the stanza that the next line belongs to. */
function readLine(
  draft: Draft,
  line: string,
  open: OpenStanza | undefined,
): OpenStanza | undefined {
  const stanza = STANZA.exec(line);
  if (stanza !== null) {
    const opened = openStanza(stanza);
    draft.stanzas.push(opened);
    return opened;
  }
  if (line.startsWith("auto ")) {
    draft.auto.push(...line.split(/\s+/).slice(1));
    return undefined;
  }
  if (line.startsWith("#")) {
    if (open !== undefined) open.comments.push(line.slice(1));
    else if (draft.stanzas.length === 0) draft.header.push(line);
    return open;
  }
  if (open === undefined || OTHER.test(line)) {
    draft.other.push(line);
    return undefined;
  }
  const [key = "", ...rest] = line.split(/\s+/);
  open.options.push([key, rest.join(" ")]);
  return open;
}

/** Reads a file; continuation lines are joined first. */
export function parseInterfaces(text: string): InterfacesFile {
  const draft: Draft = { header: [], auto: [], stanzas: [], other: [] };
  let open: OpenStanza | undefined;
  for (const raw of text.replace(/\\\n/g, " ").split("\n")) {
    const line = raw.trim();
    if (line !== "") open = readLine(draft, line, open);
  }
  return { ...draft, auto: [...new Set(draft.auto)] };
}

const stanzaLines = ({ iface, family, method, options, comments }: Stanza): string[] => [
  `iface ${iface} ${family} ${method}`,
  ...options.map(([key, value]) => `\t${key} ${value}`.trimEnd()),
  ...comments.map((comment) => `#${comment}`),
];

/** The text of a file: interfaces in their order with a blank line between, other lines last. */
export function formatInterfaces(file: InterfacesFile): string {
  const blocks: string[][] = file.header.length > 0 ? [[...file.header]] : [];
  const names = [...new Set([...file.stanzas.map(({ iface }) => iface), ...file.auto])];
  for (const name of names) {
    const stanzas = file.stanzas.filter(({ iface }) => iface === name);
    blocks.push([
      ...(file.auto.includes(name) ? [`auto ${name}`] : []),
      ...stanzas.flatMap((stanza, at) =>
        at > 0 ? ["", ...stanzaLines(stanza)] : stanzaLines(stanza),
      ),
    ]);
  }
  if (file.other.length > 0) blocks.push([...file.other]);
  const text = blocks.map((lines) => lines.join("\n")).join("\n\n");
  if (/[\r\0]/.test(text)) {
    throw new BackendError("refusing to write a control character into interfaces", 400);
  }
  return `${text}\n`;
}
