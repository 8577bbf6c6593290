import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's young generation small until the answer is called. It grows with what survives, and of what a start makes
 * nearly all does: left alone it comes to 32 MiB for modules and routes that are old within a second, and an idle server
 * keeps them. Under load it grows as ever.
 */
export function holdYoungHeap(): () => void {
  const growBy = (factor: number) => setFlagsFromString(`--semi-space-growth-factor=${factor}`);
  growBy(1);
  return () => growBy(2);
}
