/**
 * Up to `count` candidates that differ from a text by few edits (insert, remove, replace, swap of neighbours), nearest
 * first; case and suffix of a path count little. For "did you mean".
 */
export function similar(text: string, candidates: Iterable<string>, count = 3): string[] {
  const wanted = text.toLowerCase();
  const bound = Math.max(2, Math.floor(wanted.length / 3));
  const lastName = wanted.slice(wanted.lastIndexOf('/'));
  const found: { candidate: string; distance: number }[] = [];
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    // The right name in the wrong folder is the commonest mistake of all.
    const distance = other.endsWith(lastName) ? 1 : editDistance(wanted, other, bound);
    if (distance <= bound) found.push({ candidate, distance });
  }
  found.sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1));
  return found.slice(0, count).map((entry) => entry.candidate);
}

/** Optimal string alignment distance; anything above `bound` comes out as `bound + 1`. */
export function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) > bound) return bound + 1;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(previous[column]! + 1, current[column - 1]! + 1, previous[column - 1]! + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        cost = Math.min(cost, before[column - 2]! + 1);
      current.push(cost);
      least = Math.min(least, cost);
    }
    if (least > bound) return bound + 1;
    before = previous;
    previous = current;
  }
  return Math.min(previous[b.length]!, bound + 1);
}
