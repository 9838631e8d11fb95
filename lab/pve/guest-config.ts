/** One section of a guest's config file: the guest itself, its pending changes, or a snapshot. */
export interface GuestConfig {
  /** Free text; read back it always ends with a newline, as Proxmox keeps it in `#` lines. */
  readonly description?: string;
  readonly keys: ReadonlyMap<string, string>;
  /** Raw `lxc.*` lines in their order. */
  readonly lxc: readonly (readonly [string, string])[];
}

/** A whole config file `<vmid>.conf`. */
export interface GuestConfigFile {
  readonly current: GuestConfig;
  /** Changes that the next start applies; key `delete` lists keys to drop. */
  readonly pending: ReadonlyMap<string, string>;
  readonly snapshots: ReadonlyMap<string, GuestConfig>;
  /** Lines that Proxmox would drop with a warning. */
  readonly ignored: readonly string[];
}

const PENDING = "pve:pending";
const SECTION = /^\[(pve:pending|[a-z][a-z0-9_-]+)\]\s*$/i;
const RAW = /^(lxc\.[a-z0-9_\-.]+)(?::|\s*=)\s*([^\n]*?)\s*$/;
const KEY = /^([a-z][a-z_]*\d*):\s*([^\n]+?)\s*$/;
/** Proxmox generates these itself and refuses them as raw lines (docs/proxmox/containers-and-nics.md 3). */
const REFUSED_RAW = new Set(["lxc.rootfs.path", "lxc.rootfs.options"]);

interface Section {
  description: string | undefined;
  readonly keys: Map<string, string>;
  readonly lxc: [string, string][];
}

const newSection = (): Section => ({ description: undefined, keys: new Map(), lxc: [] });

const decode = (text: string): string => {
  const bytes = text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) =>
    Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"),
  );
  return bytes;
};

const encode = (text: string): string =>
  text.replace(/[^\x20-\x24\x26-\x7e]/gu, (char) =>
    [...Buffer.from(char, "utf8")]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
      .join(""),
  );

const toConfig = ({ description, keys, lxc }: Section): GuestConfig =>
  description === undefined ? { keys, lxc } : { description, keys, lxc };

/** A guest config without anything in it. */
export const emptyGuestConfig = (): GuestConfigFile => ({
  current: { keys: new Map(), lxc: [] },
  pending: new Map(),
  snapshots: new Map(),
  ignored: [],
});

/** Reads one line into a section; false when Proxmox would not understand it. */
function readLine(section: Section, line: string): boolean {
  if (line.startsWith("#")) {
    section.description = `${section.description ?? ""}${decode(line.slice(1))}\n`;
    return true;
  }
  const raw = RAW.exec(line);
  if (raw?.[1] !== undefined) {
    if (REFUSED_RAW.has(raw[1])) return false;
    section.lxc.push([raw[1], raw[2] ?? ""]);
    return true;
  }
  const pair = KEY.exec(line);
  if (pair?.[1] === undefined || pair[2] === undefined) return false;
  section.keys.set(pair[1], pair[2]);
  return true;
}

/** Reads a config file; lines that mean nothing are left out and listed in `ignored`. */
export function parseGuestConfig(text: string): GuestConfigFile {
  const current = newSection();
  const pending = newSection();
  const snapshots = new Map<string, Section>();
  const ignored: string[] = [];
  let section = current;
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const name = SECTION.exec(line)?.[1];
    if (name === PENDING) section = pending;
    else if (name !== undefined) snapshots.set(name, (section = newSection()));
    else if (!readLine(section, line)) ignored.push(line);
  }
  return {
    current: toConfig(current),
    pending: pending.keys,
    snapshots: new Map([...snapshots].map(([name, part]) => [name, toConfig(part)])),
    ignored,
  };
}

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number =>
  a < b ? -1 : a > b ? 1 : 0;

function keyLines(keys: ReadonlyMap<string, string>): string[] {
  return [...keys].sort(byName).map(([key, value]) => {
    // One value is one line: a newline would add another line.
    if (value.includes("\n")) throw new Error(`detected invalid newline inside property '${key}'`);
    return `${key}: ${value}`;
  });
}

function sectionLines({ description, keys, lxc }: GuestConfig): string[] {
  const notes = description === undefined ? [] : description.replace(/\n$/, "").split("\n");
  return [
    ...notes.map((note) => `#${encode(note)}`),
    ...keyLines(keys),
    ...lxc.map(([key, value]) => {
      if (value.includes("\n"))
        throw new Error(`detected invalid newline inside property '${key}'`);
      return `${key}: ${value}`;
    }),
  ];
}

/** The text of a config file, keys sorted and raw `lxc.*` lines last in their section, as Proxmox writes it. */
export function formatGuestConfig(file: GuestConfigFile): string {
  const lines = sectionLines(file.current);
  if (file.pending.size > 0) lines.push("", `[${PENDING}]`, ...keyLines(file.pending));
  for (const [name, snapshot] of [...file.snapshots].sort(([a], [b]) => (a < b ? -1 : 1))) {
    lines.push("", `[${name}]`, ...sectionLines(snapshot));
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}
