/**
 * What a script printed on stdout, apart: notices for a person, and the answer for the program.
 *
 * A notice is a line of its severity, the time and a text, separated by tabs (`warn` and `inform` in
 * scripts/node/lib.sh and scripts/guest/lib.sh). The program reports it, because the official command plugin shows stderr only
 * while a command runs (docs/adr/0008-official-plugins.md).
 */

/** One notice: what to do something about, or what is worth knowing. */
export interface Notice {
  readonly severity: "warning" | "info";
  /** By the node's clock, in seconds since 1970. */
  readonly time: number;
  /** One line without control characters, at most 500 characters. */
  readonly text: string;
}

/** Both halves of a script's stdout. */
export interface ScriptOutput {
  /** At most 20, in their order. */
  readonly notices: readonly Notice[];
  /** All other lines. */
  readonly answer: string;
}

/** A guest's root can print whatever it likes, as often as it likes. */
const most = { notices: 20, characters: 500 };

const notice = /^(warning|info)\t(\d{1,12})\t(.*)$/s;

/** Separates the notices in a script's stdout from its answer. */
export function readOutput(stdout: string): ScriptOutput {
  const lines = stdout.split("\n");
  const notices = lines.flatMap((line): readonly Notice[] => {
    const [, word, time, text = ""] = notice.exec(line) ?? [];
    if (word === undefined) return [];
    return [
      {
        severity: word === "warning" ? "warning" : "info",
        time: Number(time),
        text: printable(text),
      },
    ];
  });
  const last = Math.max(...notices.map(({ time }) => time));
  const more = notices.length - most.notices;
  return {
    notices:
      more <= 0
        ? notices
        : [
            ...notices.slice(0, most.notices - 1),
            { severity: "info", time: last, text: `${more + 1} more notices are not shown` },
          ],
    answer: lines.filter((line) => !notice.test(line)).join("\n"),
  };
}

/** Without what would move a terminal's cursor, colour it or reorder its text. */
function printable(text: string): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ").trim();
  return clean.length <= most.characters ? clean : `${clean.slice(0, most.characters)}...`;
}
