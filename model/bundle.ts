/** Reads back the bundle of files that goes behind a script (written by render/bundle.ts). */

/** One file of a bundle, with its path inside it. */
export interface PlacedFile {
  readonly path: string;
  readonly mode: string;
  readonly content: string;
  /** True if the content is a Pulumi secret. */
  readonly isSecret: boolean;
}

const header = /^(file|secret) (0?[0-7]{3}) (\d+) (\S+)$/;

/**
 * The files of the bundle at the end of a script's stdin, and the text before it. A stdin without a
 * bundle is text alone, as is one whose bundle was cut or masked.
 */
export function splitBundle(stdin: string): {
  readonly script: string;
  readonly files: readonly PlacedFile[];
} {
  const start = /^(file|secret) 0?[0-7]{3} \d+ \S+$/m.exec(stdin)?.index;
  const files = start === undefined ? undefined : readFiles(Buffer.from(stdin.slice(start)));
  return files === undefined || start === undefined
    ? { script: stdin, files: [] }
    : { script: stdin.slice(0, start), files };
}

function readFiles(bundle: Buffer): readonly PlacedFile[] | undefined {
  const files: PlacedFile[] = [];
  for (let at = 0; ;) {
    const end = bundle.indexOf("\n", at);
    if (end < 0) return undefined;
    const line = bundle.toString("utf8", at, end);
    if (line === "end") return files;
    const [, kind, mode, size, path] = header.exec(line) ?? [];
    if (mode === undefined || path === undefined) return undefined;
    const next = end + 1 + Number(size);
    if (bundle[next] !== 0x0a) return undefined;
    const content = bundle.toString("utf8", end + 1, next);
    files.push({ path, mode, content, isSecret: kind === "secret" });
    at = next + 1;
  }
}
