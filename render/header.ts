/** First line of every file that this program writes, in the comment mark of its format. */
export function header(mark: string): string {
  return `${mark} Written by proximity-lan. A change made here by hand is replaced by the next update.`;
}

/** Lines as a file: LF between them and one at the end. */
export function toText(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
