/** Files and guest scripts as one readable text, sent behind a node script over its stdin. */

/** One file of a bundle. */
export interface BundleFile {
  /** Path inside the bundle: `files/etc/...` for a file of the guest, `firewall/VMID.fw` for its rules. */
  readonly path: string;
  /** Octal mode, `0644`. */
  readonly mode: string;
  readonly content: string;
  /** True if the content is a Pulumi secret. A policy sees it in the clear and must know. */
  readonly isSecret?: boolean;
}

/**
 * `file MODE BYTES PATH` or `secret MODE BYTES PATH`, exactly that many bytes, and a newline; `end` closes
 * the bundle. Counted bytes instead of a delimiter: no content can end its file early. Read by `unpack` in
 * scripts/node/lib.sh and by model/bundle.ts.
 */
export function renderBundle(files: readonly BundleFile[]): string {
  const parts = files.map(({ path, mode, content, isSecret = false }) => {
    const kind = isSecret ? "secret" : "file";
    return `${kind} ${mode} ${Buffer.byteLength(content)} ${path}\n${content}\n`;
  });
  return `${parts.join("")}end\n`;
}
