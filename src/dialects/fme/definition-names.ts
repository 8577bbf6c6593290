import type { IncomingFile } from '../../engine/uploads.ts';
import { choices } from './choices.ts';

/**
 * A file as the repository knows it. What comes as `name.fmw` is a definition of one of our languages: a JSON one when it
 * begins like that, else YAML; `name.yaml.fmw` says it itself. Other files keep their names.
 */
export async function asDefinition({ name, content }: IncomingFile): Promise<IncomingFile> {
  const { workspaceSuffix } = choices;
  if (!name.toLowerCase().endsWith(workspaceSuffix) || name.length === workspaceSuffix.length) return { name, content };
  const bare = name.slice(0, -workspaceSuffix.length);
  if (/\.(ya?ml|json|bpmn2?|[cm]?[jt]s)$/i.test(bare)) return { name: bare, content };
  const chunks = content[Symbol.asyncIterator]();
  const first = await chunks.next();
  const begin = first.done ? '' : Buffer.from(first.value).toString('utf8', 0, 100);
  const suffix = /^\ufeff?\s*\{/.test(begin) ? '.json' : '.yaml';
  return { name: `${bare}${suffix}`, content: resume(first, chunks) };
}

async function* resume(first: IteratorResult<Uint8Array>, rest: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  for (let next = first; !next.done; next = await rest.next()) yield next.value;
}
