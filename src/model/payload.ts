/**
 * A job's input, output or a step's result: short ones travel as JSON text, long ones are a file beside the database
 * and travel as its content hash, so that neither the database nor memory ever holds a large one whole.
 */
export type Payload = { json: string } | BlobRef;

/** A content-addressed file: the lower-case hex SHA-256 of its bytes, and how many there are. */
export interface BlobRef {
  blob: string;
  bytes: number;
}

/** Payloads above this many bytes of JSON text become files. */
export const INLINE_BYTES = 64 * 1024;

/** Text of JSON as a payload where it is short; undefined where it must become a file. */
export const inlinePayload = (json: string): { json: string } | undefined =>
  json.length <= INLINE_BYTES && Buffer.byteLength(json) <= INLINE_BYTES ? { json } : undefined;

export const isBlob = (payload: Payload): payload is BlobRef => 'blob' in payload;
