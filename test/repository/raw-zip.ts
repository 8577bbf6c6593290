import { crc32, deflateRawSync } from 'node:zlib';

/** One entry, byte for byte as wished: the writers of libraries refuse to write what an attacker sends. */
export interface RawEntry {
  name: string | Buffer;
  data?: string | Buffer;
  /** Upper half of the external attributes: a Unix mode. */
  mode?: number;
  store?: boolean;
  flags?: number;
  /** Lies for the directory. */
  bytes?: number;
  packedBytes?: number;
  sum?: number;
  method?: number;
  /** Points at the data of the entry of this index instead of its own. */
  sharesDataOf?: number;
  /** Name in the local header, when it differs. */
  localName?: string;
}

/** A ZIP archive (APPNOTE 6.3) of raw entries; `count` lies about their number. */
export function rawZip(entries: readonly RawEntry[], lies: { count?: number } = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  const offsets: number[] = [];
  let at = 0;
  for (const entry of entries) {
    const data = Buffer.from(entry.data ?? '');
    const packed = entry.store ? data : deflateRawSync(data);
    const name = Buffer.from(entry.name);
    const method = entry.method ?? (entry.store ? 0 : 8);
    const flags = entry.flags ?? 0x800;
    const fields = (target: Buffer, offset: number): void => {
      target.writeUInt16LE(flags, offset);
      target.writeUInt16LE(method, offset + 2);
      target.writeUInt16LE(0x21, offset + 6);
      target.writeUInt32LE(entry.sum ?? crc32(data), offset + 8);
      target.writeUInt32LE(entry.packedBytes ?? packed.length, offset + 12);
      target.writeUInt32LE(entry.bytes ?? data.length, offset + 16);
    };
    const localName = Buffer.from(entry.localName ?? entry.name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    fields(local, 6);
    local.writeUInt16LE(localName.length, 26);
    offsets.push(entry.sharesDataOf === undefined ? at : offsets[entry.sharesDataOf]!);

    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE((3 << 8) | 20, 4);
    central.writeUInt16LE(20, 6);
    fields(central, 8);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 38);
    central.writeUInt32LE(offsets.at(-1)!, 42);
    directory.push(central, name);
    if (entry.sharesDataOf !== undefined) continue;
    parts.push(local, localName, packed);
    at += 30 + localName.length + packed.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(lies.count ?? entries.length, 8);
  end.writeUInt16LE(lies.count ?? entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, central, end]);
}
