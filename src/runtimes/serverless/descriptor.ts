import { readFileSync } from 'node:fs';
import type { JsonObject } from '../../model/json.ts';

let descriptor: JsonObject | undefined;

/** `$runtime` (DSL, "Runtime Descriptor"). */
export function runtimeDescriptor(): JsonObject {
  if (!descriptor) {
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    descriptor = { name: 'Millrace', version, metadata: {} };
  }
  return descriptor;
}
