import type { Readable } from 'node:stream';

export interface LineOptions {
  /** Most bytes of one line, at the moment. */
  limit(): number;
  onLine(line: string): void;
  /** A line grew over the limit: nothing more is read. */
  onOverflow(): void;
}

/** Reads lines from an untrusted stream in bounded memory. */
export function readLines(stream: Readable, options: LineOptions): void {
  let pieces: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      pieces.push(rest.subarray(0, end));
      const line = Buffer.concat(pieces).toString('utf8');
      pieces = [];
      bytes = 0;
      rest = rest.subarray(end + 1);
      options.onLine(line);
    }
    pieces.push(rest);
    bytes += rest.length;
    if (bytes > options.limit()) {
      stream.removeAllListeners('data');
      pieces = [];
      options.onOverflow();
    }
  });
}
