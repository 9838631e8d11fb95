/** Lengths of the longest common subsequences of every two tails: `[i][j]` is that of a[i..] and b[j..]. */
function commonTails(a: readonly string[], b: readonly string[]): (i: number, j: number) => number {
  const rows: number[][] = [];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    const row: number[] = [];
    for (let j = b.length - 1; j >= 0; j--) {
      const next = row[j + 1] ?? 0;
      row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), next);
    }
    rows[i] = row;
  }
  return at;
}

/** A unified diff of two small texts, whole files as one hunk; empty when they are the same. */
export function lineDiff(name: string, before: string, after: string): string {
  if (before === after) return "";
  const a = before.trimEnd().split("\n");
  const b = after.trimEnd().split("\n");
  const common = commonTails(a, b);
  const lines = [`--- ${name}`, `+++ ${name}.new`, `@@ -1,${a.length} +1,${b.length} @@`];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      lines.push(` ${left}`);
      i++;
      j++;
    } else if (
      left !== undefined &&
      (right === undefined || common(i + 1, j) >= common(i, j + 1))
    ) {
      lines.push(`-${left}`);
      i++;
    } else {
      lines.push(`+${right ?? ""}`);
      j++;
    }
  }
  return `${lines.join("\n")}\n`;
}
