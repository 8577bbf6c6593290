/** Edits (insert, delete, replace, swap of neighbours) between two words, given up above `limit`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}

/** The known word closest to what was written, or undefined when none is close enough to be a likely slip. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  // Of a word of one letter nothing would be left that could have been meant.
  const limit = Math.min(word.length - 1, Math.max(1, Math.floor(Math.min(word.length, 24) / 3)));
  let best: string | undefined;
  let least = limit + 1;
  for (const candidate of known.slice(0, 500)) {
    const cost = distance(word.toLowerCase().slice(0, 64), candidate.toLowerCase().slice(0, 64), limit);
    if (cost < least) [best, least] = [candidate, cost];
  }
  return best;
}

/** The end of a message: `; did you mean "year"?`, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const guess = nearest(word, known);
  return guess === undefined ? '' : `; did you mean ${JSON.stringify(guess)}?`;
}

/** Words as a person lists them: `"a", "b" or "c"`, cut after `most`. */
export function listed(words: readonly string[], most = 12): string {
  const shown = words.slice(0, most).map((word) => JSON.stringify(word));
  if (words.length > most) return `${shown.join(', ')} … (${words.length} in all)`;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
}
