/** One call of a script that is sent over stdin, as a line for the shell on the node. */

/** `bash` reading its script from stdin, with these words. */
export function renderCall(words: readonly string[]): string {
  return ["bash", "-s", "--", ...words.map(quote)].join(" ");
}

function quote(word: string): string {
  return /^[\w./:@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
