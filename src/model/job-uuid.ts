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

  /** The checksums of `count` ids in a row, 15 hex digits each. */
  const macsOf = (first: number, count: number): string[] => {
    const blocks = Buffer.alloc(count * BLOCK);
    for (let at = 0; at < count; at++) {
      const id = first + at;
      blocks.writeUInt32BE(Math.floor(id / 0x1_0000_0000), at * BLOCK);
      blocks.writeUInt32BE(id >>> 0, at * BLOCK + 4);
    }
    const hex = macBlocks(blocks).toString('hex');
    return Array.from({ length: count }, (_, at) => hex.slice(2 * BLOCK * at, 2 * BLOCK * at + 15));
  };
  /** One block of key stream for each checksum. */
  const keyStreams = (macs: readonly string[]): Buffer => {
    const blocks = Buffer.alloc(macs.length * BLOCK);
    for (const [at, mac] of macs.entries()) blocks.write(`${mac}0`, at * BLOCK, 'hex');
    return maskBlocks(blocks);
  };

  const uuidsOf = (first: number, count: number): string[] => {
    const macs = macsOf(first, count);
    const streams = keyStreams(macs);
    return macs.map((mac, at) => {
      const id = first + at;
      const high = (streams.readUInt32BE(at * BLOCK) ^ Math.floor(id / 0x1_0000_0000)) >>> 0;
      const low = (streams.readUInt32BE(at * BLOCK + 4) ^ (id >>> 0)) >>> 0;
      const tail = hex8(((high & 0x3fff_ffff) | 0x8000_0000) >>> 0) + hex8(low);
      return `${mac.slice(0, 8)}-${mac.slice(8, 12)}-4${mac.slice(12)}-${tail.slice(0, 4)}-${tail.slice(4)}`;
    });
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
      const mac = `${parts[1]}${parts[2]}${parts[3]}`.toLowerCase();
      const tail = `${parts[4]}${parts[5]}`;
      const stream = keyStreams([mac]);
      const high = ((Number.parseInt(tail.slice(0, 8), 16) ^ stream.readUInt32BE(0)) & 0x3fff_ffff) >>> 0;
      const low = (Number.parseInt(tail.slice(8), 16) ^ stream.readUInt32BE(4)) >>> 0;
      const id = high * 0x1_0000_0000 + low;
      return Number.isSafeInteger(id) && macsOf(id, 1)[0] === mac ? id : undefined;
    },
  };
}

/** AES-128 of whole blocks, each for itself. The cipher is made once: that costs more than all its work here. */
function blockCipher(key: Uint8Array): (blocks: Buffer) => Buffer {
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return (blocks) => cipher.update(blocks);
}

const hex8 = (value: number): string => value.toString(16).padStart(8, '0');
