/** What a program did to the files of its database and what it told, in the order in which the kernel saw it. */
export type DiskEvent =
  | { kind: 'write'; file: string; at: number; bytes: Buffer }
  | { kind: 'truncate'; file: string; bytes: number }
  | { kind: 'sync'; file: string }
  | { kind: 'told'; text: string };

/** Options of strace that give what `readTrace` reads; `-xx` writes every byte as `\x2f`. */
export const straceOptions = [
  ...['-f', '-qq', '-y', '-xx', '-s', '16384', '--seccomp-bpf'],
  ...['-e', 'signal=none', '-e', 'trace=pwrite64,write,ftruncate,fsync,fdatasync'],
];

/** Reads a trace of one program with its threads. A write counts from its beginning, a sync from its end. */
export function readTrace(text: string): DiskEvent[] {
  const events: DiskEvent[] = [];
  const syncing = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, thread, resumed] = /^(\d+) +<\.\.\. (?:fsync|fdatasync) resumed>\) += 0$/.exec(line) ?? [];
    if (thread !== undefined || resumed !== undefined) {
      const file = syncing.get(thread!);
      if (file !== undefined) events.push({ kind: 'sync', file });
      continue;
    }
    const call = /^(\d+) +(\w+)\((\d+)<([^>]*)>(?:, )?(.*)$/.exec(line);
    if (!call) continue;
    const [, by, name, descriptor, path, rest] = call as unknown as [string, string, string, string, string, string];
    const file = decode(path).toString().split('/').at(-1)!;
    if (name === 'write') {
      const told = descriptor === '1' ? decode(/^"([^"]*)"/.exec(rest)?.[1] ?? '').toString() : '';
      if (/^(inserted|completed) \d+\n$/.test(told)) events.push({ kind: 'told', text: told.trim() });
    } else if (name === 'pwrite64') {
      const [, data, cut, length, at] = /^"([^"]*)"(\.\.\.)?, (\d+), (\d+)/.exec(rest)!;
      const bytes = decode(data!);
      if (cut || bytes.length !== Number(length)) throw new Error(`The trace is cut off: ${line.slice(0, 100)}`);
      events.push({ kind: 'write', file, at: Number(at), bytes });
    } else if (name === 'ftruncate') events.push({ kind: 'truncate', file, bytes: Number.parseInt(rest, 10) });
    else if (rest.includes('unfinished')) syncing.set(by, file);
    else events.push({ kind: 'sync', file });
  }
  return events;
}

const decode = (text: string): Buffer => Buffer.from(text.replaceAll('\\x', ''), 'hex');

type Change = Extract<DiskEvent, { file: string; bytes: unknown }>;

/** A file on a disk that keeps what was synced; of the rest, whatever it likes. */
export class DiskFile {
  private kept: Buffer = Buffer.alloc(0);
  private changes: Change[] = [];

  take(event: Change | { kind: 'sync' }): void {
    if (event.kind !== 'sync') this.changes.push(event);
    else {
      this.kept = this.image(() => 1);
      this.changes = [];
    }
  }

  /** What a power cut leaves: of each change since the last sync the part that `share` gives, in whole sectors. */
  image(share: () => number): Buffer {
    let image = this.kept;
    for (const change of this.changes) {
      const part = share();
      if (part === 0) continue;
      if (change.kind === 'truncate') image = image.subarray(0, change.bytes);
      else {
        const bytes = change.bytes.subarray(
          0,
          part === 1 ? undefined : Math.floor((part * change.bytes.length) / 512) * 512,
        );
        const grown = Buffer.alloc(Math.max(image.length, change.at + bytes.length));
        image.copy(grown);
        bytes.copy(grown, change.at);
        image = grown;
      }
    }
    return image;
  }
}
