import { StringDecoder } from 'node:string_decoder';

/** Collects one stream of a process. */
export interface Output {
  push(chunk: Buffer): void;
  /** Ends the stream: what was held back is handed on. Gives the text kept. */
  finish(): { text: string; truncated: boolean };
}

export interface OutputOptions {
  /** Bytes kept: the first and the last half of them. */
  keepBytes: number;
  onText(text: string): void;
}

/** Keeps the beginning and the end of a stream in bounded memory and hands on its text in whole characters. */
export function createOutput(options: OutputOptions): Output {
  const half = Math.max(1, Math.floor(options.keepBytes / 2));
  const decoder = new StringDecoder('utf8');
  let total = 0;
  const head: Buffer[] = [];
  let headBytes = 0;
  let tail: Buffer[] = [];
  let tailBytes = 0;

  const keep = (chunk: Buffer) => {
    const first = chunk.subarray(0, Math.max(0, half - headBytes));
    if (first.length > 0) head.push(first);
    headBytes += first.length;
    const rest = chunk.subarray(first.length);
    if (rest.length === 0) return;
    tail.push(rest);
    tailBytes += rest.length;
    // Cut back only now and then: joining on every chunk would be quadratic for a flood of small ones.
    if (tailBytes > 4 * half || tail.length > 1024) {
      const joined = Buffer.concat(tail);
      tail = [Buffer.from(joined.subarray(Math.max(0, joined.length - half)))];
      tailBytes = tail[0]!.length;
    }
  };

  return {
    push(chunk) {
      total += chunk.length;
      keep(chunk);
      const text = decoder.write(chunk);
      if (text !== '') options.onText(text);
    },
    finish() {
      const rest = decoder.end();
      if (rest !== '') options.onText(rest);
      const last = Buffer.concat(tail);
      if (total <= 2 * half) return { text: Buffer.concat([...head, last]).toString('utf8'), truncated: false };
      const end = last.subarray(Math.max(0, last.length - half));
      const left = total - headBytes - end.length;
      return {
        text: `${wholeEnd(Buffer.concat(head))}\n[${left} bytes left out]\n${wholeStart(end)}`,
        truncated: true,
      };
    },
  };
}

/** Text of bytes cut at the end, without the character that was cut through. */
const wholeEnd = (bytes: Buffer): string => new StringDecoder('utf8').write(bytes);

/** Text of bytes cut at the start, without the rest of the character that was cut through. */
function wholeStart(bytes: Buffer): string {
  let start = 0;
  while (start < 3 && start < bytes.length && (bytes[start]! & 0xc0) === 0x80) start += 1;
  return bytes.toString('utf8', start);
}
