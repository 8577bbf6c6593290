import { wholeOf } from '../model/byte-stream.ts';
import type { Json } from '../model/json.ts';
import { inlinePayload, isBlob, type Payload } from '../model/payload.ts';
import type { Blobs } from '../store.ts';

/** Turns values into payloads and back; long ones pass through files. */
export interface Payloads {
  /** Text of JSON as a file, or as it is where it is short enough. */
  store(json: string): Promise<Payload>;
  /** Whole, in memory. */
  read(payload: Payload): Promise<Json>;
  /** As JSON text: at hand when short, a stream in any case. */
  open(payload: Payload): Promise<OpenPayload>;
}

export interface OpenPayload {
  bytes: number;
  text?: string;
  stream(): AsyncIterable<Uint8Array>;
}

export function createPayloads(blobs: Blobs): Payloads {
  const open = async (payload: Payload): Promise<OpenPayload> => {
    if (isBlob(payload)) {
      const { blob, bytes } = payload;
      return {
        bytes,
        async *stream() {
          yield* await blobs.open(blob);
        },
      };
    }
    return {
      bytes: Buffer.byteLength(payload.json),
      text: payload.json,
      async *stream() {
        yield Buffer.from(payload.json);
      },
    };
  };
  return {
    store: async (json) => inlinePayload(json) ?? blobs.put(Buffer.from(json), Number.MAX_SAFE_INTEGER),
    async read(payload) {
      if (!isBlob(payload)) return JSON.parse(payload.json);
      return JSON.parse((await wholeOf((await open(payload)).stream())).toString('utf8'));
    },
    open,
  };
}
