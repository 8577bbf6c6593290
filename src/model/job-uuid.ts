import { createCipheriv } from 'node:crypto';

/**
 * The public UUID of a job, derived from its integer id by a secret of the store, both ways: 15 hex digits of a keyed
 * checksum over the id, then the id itself under a key stream drawn from that checksum (the synthetic-IV construction of
 * RFC 5297, on single AES blocks). So no index on random values is needed, a UUID cannot be guessed (60 bits), and a
 * made-up one is refused without a look-up. It has the shape of a version-4 UUID (RFC 9562 section 5.4): 122 free bits,
 * 60 of them the checksum, 62 the hidden id.
 */
export interface JobUuids {
  of(id: number): string;
  /** The id behind a UUID in either case; undefined when this store never gave it out. */
  idOf(uuid: string): number | undefined;
}

/** Bytes of a block of AES. */
const BLOCK = 16;
/** UUIDs made at a time when they are asked for in order. */
const AHEAD = 64;

const shape = /^([0-9a-f]{8})-([0-9a-f]{4})-4([0-9a-f]{3})-([89ab][0-9a-f]{3})-([0-9a-f]{12})$/i;

/** `secret`: 32 random bytes, the same for the life of the store. */
export function createJobUuids(secret: Uint8Array): JobUuids {
  const macBlocks = blockCipher(secret.subarray(0, 16));
  const maskBlocks = blockCipher(secret.subarray(16, 32));

  /** The checksums of `count` ids in a row: the first 60 bits of each block, the rest of it is nought. */
  const macsOf = (first: number, count: number): Buffer => {
    const blocks = Buffer.alloc(count * BLOCK);
    for (let at = 0; at < count; at++) writeId(blocks, first + at, at * BLOCK);
    const macs = macBlocks(blocks);
    for (let at = 0; at < macs.length; at += BLOCK) {
      macs[at + 7]! &= 0xf0;
      macs.fill(0, at + 8, at + BLOCK);
    }
    return macs;
  };

  const uuidsOf = (first: number, count: number): string[] => {
    const macs = macsOf(first, count);
    const streams = maskBlocks(macs);
    // 4 bits of version between 48 and 12 bits of the checksum, then 2 bits of variant and the hidden id.
    const bytes = Buffer.alloc(count * BLOCK);
    for (let from = 0, id = first; from < bytes.length; from += BLOCK, id++) {
      macs.copy(bytes, from, from, from + 6);
      const tail = macs.readUInt16BE(from + 6) >>> 4;
      bytes.writeUInt16BE(0x4000 | tail, from + 6);
      const high = streams.readUInt32BE(from) ^ Math.floor(id / 0x1_0000_0000);
      bytes.writeUInt32BE(((high & 0x3fff_ffff) | 0x8000_0000) >>> 0, from + 8);
      bytes.writeUInt32BE((streams.readUInt32BE(from + 4) ^ (id >>> 0)) >>> 0, from + 12);
    }
    const hex = bytes.toString('hex');
    const uuids = new Array<string>(count);
    for (let at = 0, from = 0; at < count; at++, from += 2 * BLOCK) {
      const [one, two, three] = [
        hex.slice(from, from + 8),
        hex.slice(from + 8, from + 12),
        hex.slice(from + 12, from + 16),
      ];
      uuids[at] = `${one}-${two}-${three}-${hex.slice(from + 16, from + 20)}-${hex.slice(from + 20, from + 32)}`;
    }
    return uuids;
  };

  // New jobs come one after the other. A cipher takes as long for one block as for many.
  let ahead: string[] = [];
  let aheadFrom = 0;
  let last = -1;

  return {
    of(id) {
      const known = ahead[id - aheadFrom];
      if (known !== undefined) {
        last = id;
        return known;
      }
      const follows = id > last && id - last <= AHEAD;
      last = id;
      if (!follows || id + AHEAD > Number.MAX_SAFE_INTEGER) return uuidsOf(id, 1)[0]!;
      ahead = uuidsOf(id, AHEAD);
      aheadFrom = id;
      return ahead[0]!;
    },
    idOf(uuid) {
      const parts = shape.exec(uuid);
      if (!parts) return undefined;
      const mac = Buffer.alloc(BLOCK);
      mac.write(`${parts[1]}${parts[2]}${parts[3]}0`, 'hex');
      const tail = Buffer.from(`${parts[4]}${parts[5]}`, 'hex');
      const stream = maskBlocks(mac);
      const high = ((tail.readUInt32BE(0) ^ stream.readUInt32BE(0)) & 0x3fff_ffff) >>> 0;
      const low = (tail.readUInt32BE(4) ^ stream.readUInt32BE(4)) >>> 0;
      const id = high * 0x1_0000_0000 + low;
      return Number.isSafeInteger(id) && macsOf(id, 1).equals(mac) ? id : undefined;
    },
  };
}

/** AES-128 of whole blocks, each for itself. The cipher is made once: that costs more than all its work here. */
function blockCipher(key: Uint8Array): (blocks: Buffer) => Buffer {
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return (blocks) => cipher.update(blocks);
}

function writeId(block: Buffer, id: number, at: number): void {
  block.writeUInt32BE(Math.floor(id / 0x1_0000_0000), at);
  block.writeUInt32BE(id >>> 0, at + 4);
}
