/**
 * Splits a stream that outlives a run: bytes go on to `push` until `marker` comes. A warm process prints the marker
 * after its run, because its reply on the other pipe may overtake what it printed. A marker may arrive in pieces.
 */
export function untilMarker(marker: Buffer, push: (chunk: Buffer) => void, seen: () => void) {
  let held: Buffer = Buffer.alloc(0);
  let done = false;
  return {
    write(chunk: Buffer) {
      if (done) return;
      const data = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
      const at = data.indexOf(marker);
      if (at >= 0) {
        done = true;
        held = Buffer.alloc(0);
        if (at > 0) push(data.subarray(0, at));
        seen();
        return;
      }
      const hold = heldBack(data, marker);
      held = Buffer.from(data.subarray(data.length - hold));
      if (data.length > hold) push(data.subarray(0, data.length - hold));
    },
    /** The process ended without a marker: what was held back was output after all. */
    flush() {
      if (held.length > 0) push(held);
      held = Buffer.alloc(0);
    },
  };
}

/** How many bytes at the end of `data` may be the beginning of the marker. */
function heldBack(data: Buffer, marker: Buffer): number {
  for (let length = Math.min(marker.length - 1, data.length); length > 0; length -= 1) {
    if (data.subarray(data.length - length).equals(marker.subarray(0, length))) return length;
  }
  return 0;
}
