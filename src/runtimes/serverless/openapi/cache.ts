import type { Frame } from '../model.ts';
import type { Resource } from '../resource.ts';
import { type ApiDocument, parseApiDocument } from './document.ts';

/** How long a fetched document is used again, in milliseconds. */
const FRESH_MS = 60_000;
const MOST = 32;

const kept = new Map<string, { document: ApiDocument; until: number }>();

/** The document of a resource; one that needs no credentials is used again for a short while. */
export async function apiDocument(resource: Resource, frame: Frame, signal: AbortSignal): Promise<ApiDocument> {
  const address = resource.url(frame);
  const found = resource.guarded ? undefined : kept.get(address);
  if (found && performance.now() < found.until) return found.document;
  const { url, text } = await resource.fetch(frame, signal);
  const document = parseApiDocument(text, url);
  if (resource.guarded) return document;
  kept.delete(address);
  if (kept.size >= MOST) kept.delete(kept.keys().next().value!);
  kept.set(address, { document, until: performance.now() + FRESH_MS });
  return document;
}
