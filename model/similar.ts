/** Guesses what a misspelled word means. */

/** The candidate that the word most likely means; undefined when none is close. */
export function similar(word: string, candidates: readonly string[]): string | undefined {
  const [best] = candidates
    .map((candidate) => ({ candidate, edits: editsBetween(plain(word), plain(candidate)) }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.edits - b.edits);
  return best?.candidate;
}

/** A word as it is compared: `mac_address` and `MacAddress` are the same. */
function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]/g, "");
}

/**
 * How many letters to insert, remove, replace, or swap with their neighbor, to get from one word to the other
 * (optimal string alignment).
 */
function editsBetween(from: string, to: string): number {
  let twoBack: readonly number[] = [];
  let back = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row[j] = Math.min(
        at(back, j) + 1,
        at(row, j - 1) + 1,
        at(back, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1),
        i > 1 && j > 1 && swapped ? at(twoBack, j - 2) + 1 : Infinity,
      );
    }
    [twoBack, back] = [back, row];
  }
  return at(back, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
