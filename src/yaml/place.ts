/** A place in a source: both count from 1, the column in UTF-16 units, as editors do. */
export interface Place {
  line: number;
  column: number;
}

/** Gives the place of an offset; line ends are LF, CRLF and CR (YAML 1.2.2 section 5.4). */
export function placeIndex(text: string): (offset: number) => Place {
  const starts = [0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x0a || (code === 0x0d && text.charCodeAt(at + 1) !== 0x0a)) starts.push(at + 1);
  }
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    // A byte order mark takes no column.
    const mark = low === 0 && text.charCodeAt(0) === 0xfeff && offset > 0 ? 1 : 0;
    return { line: low + 1, column: offset - starts[low]! + 1 - mark };
  };
}
