/** The known name most like `wanted`, or undefined when none is like it: at most a third of its letters differ. */
export function nearest(wanted: string, known: Iterable<string>): string | undefined {
  const text = plain(wanted);
  let best: { name: string; distance: number } | undefined;
  for (const name of known) {
    const distance = editDistance(text, plain(name));
    if (!best || distance < best.distance) best = { name, distance };
  }
  return best && best.distance <= Math.max(1, Math.floor(text.length / 3)) ? best.name : undefined;
}

// 'MILLRACE_LOGLEVEL', 'logLevel' and 'log-level' are meant to be the same to a person.
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Damerau-Levenshtein distance (adjacent letters swapped count as one change). */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : change;
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, change, swapped));
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
