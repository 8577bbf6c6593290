import { isJsonObject, type JsonObject } from '../../model/json.ts';
import type { WorkflowInfo } from '../../model/workflow.ts';
import { type At, type Fields, fields, object, string } from './check.ts';
import { readHints } from './hints.ts';

const versions = ['1.0.0', '1.0.1', '1.0.2', '1.0.3'];
const dnsName = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;
const semver =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;

export interface DocumentPart {
  namespace: string;
  name: string;
  info: WorkflowInfo;
}

/** Reads `document` (DSL reference, "Document") and our own hints in `document.metadata.millrace`. */
export function readDocument(at: At | undefined): DocumentPart {
  const known = ['dsl', 'namespace', 'name', 'version', 'title', 'summary', 'tags', 'metadata'];
  const read = at && fields(at, { what: 'document', known, required: ['dsl', 'namespace', 'name', 'version'] });
  checkVersion(read?.get('dsl'));
  const title = string(read?.get('title'), 'document.title');
  const description = string(read?.get('summary'), 'document.summary');
  const declaredVersion = pattern(read?.get('version'), 'document.version', semver, 'a version such as "1.0.0"');
  const metadata = read?.get('metadata');
  object(metadata, 'document.metadata');
  const hints = readHints(
    metadata && isJsonObject(metadata.value) ? fields(metadata, { what: 'metadata' })?.get('millrace') : undefined,
  );
  return {
    namespace: labelled(read, 'namespace'),
    name: labelled(read, 'name'),
    info: {
      ...(title === undefined ? {} : { title }),
      ...(description === undefined ? {} : { description: description.trim() }),
      ...(declaredVersion === undefined ? {} : { declaredVersion }),
      tags: texts(object(read?.get('tags'), 'document.tags') ?? {}),
      ...hints,
    },
  };
}

function checkVersion(at: At | undefined): void {
  const version = string(at, 'document.dsl');
  if (version === undefined || versions.includes(version)) return;
  const accepted = `accepted are ${versions.map((known) => `"${known}"`).join(', ')}`;
  at!.check.issue(at!.pointer, `The DSL version ${JSON.stringify(version)} is not supported; ${accepted}.`);
}

const labelled = (read: Fields | undefined, name: 'namespace' | 'name'): string =>
  pattern(read?.get(name), `document.${name}`, dnsName, 'letters, digits and "-", at most 63 of them') ?? '';

function pattern(at: At | undefined, what: string, accepted: RegExp, words: string): string | undefined {
  const text = string(at, what);
  if (text === undefined || accepted.test(text)) return text;
  at!.check.issue(at!.pointer, `${what} must be ${words}; found ${JSON.stringify(text)}.`);
  return undefined;
}

const texts = (tags: JsonObject): Record<string, string> =>
  Object.fromEntries(
    Object.entries(tags).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
