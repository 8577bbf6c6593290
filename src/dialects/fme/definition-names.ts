import type { IncomingFile } from '../../engine/uploads.ts';
import { peek } from '../../model/byte-stream.ts';
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
  const { start, content: whole } = await peek(content, 100);
  const suffix = /^\ufeff?\s*\{/.test(start.toString('utf8', 0, 100)) ? '.json' : '.yaml';
  return { name: `${bare}${suffix}`, content: whole };
}
