/**
 * Up to `count` candidates that differ from a text by few edits (insert, remove, replace, swap of neighbours), nearest
 * first; case does not count, and the same name in another folder is near. For "did you mean": with very many candidates
 * only the first `most` are measured, for this runs between two requests.
 */
export function similar(text: string, candidates: Iterable<string>, count = 3): string[] {
  const wanted = text.toLowerCase();
  const bound = Math.min(6, Math.max(2, Math.floor(wanted.length / 3)));
  let measured = 0;
  const lastName = wanted.slice(wanted.lastIndexOf('/'));
  const found: { candidate: string; distance: number }[] = [];
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    // The right name in the wrong folder is the commonest mistake of all.
    const isElsewhere = other.endsWith(lastName);
    if (!isElsewhere && ++measured > most) continue;
    const distance = isElsewhere ? 1 : editDistance(wanted, other, bound);
    if (distance <= bound) found.push({ candidate, distance });
  }
  found.sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1));
  return found.slice(0, count).map((entry) => entry.candidate);
}

const most = 1000;

/** Optimal string alignment distance; anything above `bound` comes out as `bound + 1`. */
export function editDistance(a: string, b: string, bound: number): number {
  const far = bound + 1;
  if (Math.abs(a.length - b.length) > bound) return far;
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  const rows = a.slice(start);
  const columns = b.slice(start);
  let before: number[] = [];
  let previous = Array.from({ length: columns.length + 1 }, (_, column) => column);
  for (let row = 1; row <= rows.length; row++) {
    // Only the band around the diagonal can be within the bound.
    const first = Math.max(1, row - bound);
    const last = Math.min(columns.length, row + bound);
    const current = Array<number>(columns.length + 1).fill(far);
    if (row <= bound) current[0] = row;
    let least = current[0]!;
    for (let column = first; column <= last; column++) {
      const same = rows[row - 1] === columns[column - 1];
      let cost = Math.min(previous[column]! + 1, current[column - 1]! + 1, previous[column - 1]! + (same ? 0 : 1));
      if (row > 1 && column > 1 && rows[row - 1] === columns[column - 2] && rows[row - 2] === columns[column - 1])
        cost = Math.min(cost, before[column - 2]! + 1);
      current[column] = cost;
      least = Math.min(least, cost);
    }
    if (least > bound) return far;
    before = previous;
    previous = current;
  }
  return Math.min(previous[columns.length]!, far);
}
