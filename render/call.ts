/** One call of a script that is sent over stdin, as a line for the shell on the node. */

/** `bash` reading its script from stdin, with these words. */
export function renderCall(words: readonly string[]): string {
  return `bash -s -- ${renderWords(words)}`;
}

/** The same without words, for a script that holds them itself; only the time tells one from the next. */
export function renderRepair(ordered: Date): string {
  return `bash -s # repair ordered at ${ordered.toISOString()}`;
}

/** Words for a shell, each in quotes where it needs them. */
export function renderWords(words: readonly string[]): string {
  return words.map(quote).join(" ");
}

function quote(word: string): string {
  return /^[\w./:@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Where a stack's scripts for its guests are on the node (scripts/node/guest-scripts.sh). */
export function scriptsFolder(tag: string): string {
  return `/usr/local/lib/${tag}`;
}
