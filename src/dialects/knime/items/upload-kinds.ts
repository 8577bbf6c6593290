import { peek } from '../../../model/byte-stream.ts';
import { fail } from '../../../model/errors.ts';
import { GROUP_ARCHIVE, WORKFLOW_ARCHIVE } from './media.ts';
import type { NewItem, StoredItem } from './refs.ts';

/** Media types of definitions by themselves, and the file ending each stands for. */
const definitions: Record<string, string> = {
  'application/yaml': '.yaml',
  'application/x-yaml': '.yaml',
  'text/yaml': '.yaml',
  'text/x-yaml': '.yaml',
};

/** Types that programs send when they know no better; what is there already tells more than they do. */
const generic = new Set([
  '',
  'application/octet-stream',
  'binary/octet-stream',
  'application/zip',
  'application/x-zip-compressed',
  'application/x-www-form-urlencoded',
]);

/** First bytes of every ZIP archive that holds anything (APPNOTE 4.3.7). */
const ZIP = Buffer.from('PK\x03\x04', 'latin1');

/**
 * What an upload is. The content type decides (reference section 7.5); a type that says nothing is read as a new version
 * of what is there. Throws `invalid-input` when it is of another type than the item.
 */
export async function newItemOf(
  contentType: string | undefined,
  path: string,
  there: StoredItem | undefined,
  body: AsyncIterable<Uint8Array>,
): Promise<NewItem> {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === WORKFLOW_ARCHIVE) return { as: 'workflow archive', content: body };
  if (type === GROUP_ARCHIVE) return { as: 'folder archive', content: body };
  const suffix = definitions[type] ?? (type === 'application/json' && there?.kind === 'workflow' ? '.json' : undefined);
  if (suffix !== undefined) return { as: 'definition', suffix, content: body };
  if (there === undefined || there.kind === 'file') return { as: 'file', content: body };
  // An address with the ending of a definition is one, whatever is said of it.
  if (there.path !== path) return { as: 'file', content: body };
  const { start, content } = await peek(body, ZIP.length);
  if (!generic.has(type) || !start.subarray(0, ZIP.length).equals(ZIP)) {
    const wanted = there.kind === 'workflow' ? `${WORKFLOW_ARCHIVE}, or application/yaml` : GROUP_ARCHIVE;
    throw fail(
      'invalid-input',
      `Item '${path}' is a ${there.kind === 'workflow' ? 'workflow' : 'workflow group'}; a new version of it is sent with Content-Type: ${wanted}.`,
    );
  }
  return { as: there.kind === 'workflow' ? 'workflow archive' : 'folder archive', content };
}
