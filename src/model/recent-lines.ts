/** The latest lines of a text that never ends, up to so many characters. */
export interface RecentLines {
  /** A line with its line feed. */
  add(line: string): void;
  /** From the oldest that is left. */
  lines(): string[];
}

export function createRecentLines(maxLength: number): RecentLines {
  let kept: string[] = [];
  /** Index of the oldest that counts; what lies before is dropped now and then, not at each line. */
  let first = 0;
  let length = 0;
  return {
    add(line) {
      kept.push(line);
      length += line.length;
      while (length > maxLength && first < kept.length) {
        length -= kept[first]!.length;
        kept[first] = '';
        first += 1;
      }
      if (first > 1_024 && first * 2 > kept.length) {
        kept = kept.slice(first);
        first = 0;
      }
    },
    lines: () => kept.slice(first),
  };
}
