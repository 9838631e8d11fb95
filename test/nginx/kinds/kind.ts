/** One configuration; a RegExp says that it is refused with such words and stays as it is. */
export interface Kind {
  readonly name: string;
  readonly before: string;
  readonly after: string | RegExp;
  /** Other files of the folder, by path. */
  readonly beside?: Readonly<Record<string, string>>;
  /** What Debian's nginx lacks for it, if anything. */
  readonly foreign?: true;
}

/** A server of these lines. */
export const server = (...lines: readonly string[]): string =>
  `server {\n${lines.map((line) => `    ${line}\n`).join("")}}\n`;
/** Two servers with one listener each and further lines. */
export const two = (a: string, b: string, ofA = "", ofB = ""): string =>
  [`listen ${a};\n    ${ofA}`, `listen ${b};\n    ${ofB}`].map((lines) => server(lines)).join("");
/** One that stays as it is. */
export const kept = (name: string, before: string): Kind => ({ name, before, after: before });
/** One that is refused with such words. */
export const refused = (name: string, before: string, after: RegExp): Kind => ({
  name,
  before,
  after,
});
/** Why servers are refused that nginx cannot tell apart. */
export const APART = /are told apart by their address alone/;

/** One server that listens on every address. */
export const OPEN = server("listen 443;", "listen [::]:443;");
