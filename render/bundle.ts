/** Files and guest scripts as one readable text, sent behind a node script over its stdin. */

/** One file of a bundle. */
export interface BundleFile {
  /** Relative path inside the bundle: `files/etc/...` for a place in the guest, `scripts/...` to run. */
  readonly path: string;
  /** Octal mode, `0644`. */
  readonly mode: string;
  readonly content: string;
}

/**
 * `file MODE BYTES PATH`, then exactly that many bytes, then a newline; `end` closes it. Counted bytes
 * instead of a delimiter: no content can end its file early. Read by scripts/node/guest.sh.
 */
export function renderBundle(files: readonly BundleFile[]): string {
  const parts = files.map(
    ({ path, mode, content }) => `file ${mode} ${Buffer.byteLength(content)} ${path}\n${content}\n`,
  );
  return `${parts.join("")}end\n`;
}
