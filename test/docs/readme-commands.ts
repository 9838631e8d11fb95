/** The commands that the README shows. */
import { read, section, shellLines } from "./markdown";

export const readme = read("README.md");
const realNode = section(readme, "## On a real Proxmox VE");
/** Those for a real node. */
export const nodeLines = shellLines(realNode);
/** All others. */
export const ownLines = shellLines(readme).filter((line) => !nodeLines.includes(line));

/** The words of a command; a quoted text is one. */
export function words(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

/** Names of the long flags of a command. */
export function flags(line: string): readonly string[] {
  return words(line).flatMap((word) => /^--([a-z-]+)$/.exec(word)?.[1] ?? []);
}
