/** How a Caddyfile is written: blocks, and values that nothing in them can end early. */

/** A head, if any, with its lines in braces. */
export function block(head: string, lines: readonly string[]): readonly string[] {
  return [
    head === "" ? "{" : `${head} {`,
    ...lines.map((line) => (line === "" ? "" : `\t${line}`)),
    "}",
  ];
}

/** A value as it is. Between backticks nothing but a backtick has a meaning, and the schema takes none. */
export function quote(value: string): string {
  if (value.includes("`")) throw new Error(`a Caddyfile cannot hold the value ${value}`);
  return `\`${value}\``;
}
