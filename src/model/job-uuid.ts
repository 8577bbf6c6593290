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

const shape = /^([0-9a-f]{8})-([0-9a-f]{4})-4([0-9a-f]{3})-([89ab][0-9a-f]{3})-([0-9a-f]{12})$/i;

/** `secret`: 32 random bytes, the same for the life of the store. */
export function createJobUuids(secret: Uint8Array): JobUuids {
  const macBlock = blockCipher(secret.subarray(0, 16));
  const maskBlock = blockCipher(secret.subarray(16, 32));
  const block = Buffer.alloc(16);

  const macOf = (id: number): string => {
    block.fill(0);
    block.writeUInt32BE(Math.floor(id / 0x1_0000_0000), 0);
    block.writeUInt32BE(id >>> 0, 4);
    return macBlock(block).toString('hex', 0, 8).slice(0, 15);
  };
  const keyStream = (mac: string): Buffer => {
    block.fill(0);
    block.write(`${mac}0`, 0, 'hex');
    return maskBlock(block);
  };

  return {
    of(id) {
      const mac = macOf(id);
      const stream = keyStream(mac);
      const high = (stream.readUInt32BE(0) ^ Math.floor(id / 0x1_0000_0000)) >>> 0;
      const low = (stream.readUInt32BE(4) ^ (id >>> 0)) >>> 0;
      const tail = hex8(((high & 0x3fff_ffff) | 0x8000_0000) >>> 0) + hex8(low);
      return `${mac.slice(0, 8)}-${mac.slice(8, 12)}-4${mac.slice(12)}-${tail.slice(0, 4)}-${tail.slice(4)}`;
    },
    idOf(uuid) {
      const parts = shape.exec(uuid);
      if (!parts) return undefined;
      const mac = `${parts[1]}${parts[2]}${parts[3]}`.toLowerCase();
      const tail = `${parts[4]}${parts[5]}`;
      const stream = keyStream(mac);
      const high = ((Number.parseInt(tail.slice(0, 8), 16) ^ stream.readUInt32BE(0)) & 0x3fff_ffff) >>> 0;
      const low = (Number.parseInt(tail.slice(8), 16) ^ stream.readUInt32BE(4)) >>> 0;
      const id = high * 0x1_0000_0000 + low;
      return Number.isSafeInteger(id) && macOf(id) === mac ? id : undefined;
    },
  };
}

/** AES-128 of one block. The cipher is made once: that costs more than all its work here. */
function blockCipher(key: Uint8Array): (block: Buffer) => Buffer {
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return (block) => cipher.update(block);
}

const hex8 = (value: number): string => value.toString(16).padStart(8, '0');
