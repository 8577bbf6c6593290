import type { SharedPlace } from '../../engine/shared.ts';
import { connectionNamed, connectionOf, placeIn } from './connections.ts';

const form = /^\$\((FME_SHAREDRESOURCE_[A-Z0-9_]+)\)(.*)$/s;

/** What a text of the form `$(FME_SHAREDRESOURCE_TEMP)/folder/file` stands for; undefined for any other text. */
export function readSharedPath(text: string): { place: SharedPlace } | { error: string } | undefined {
  const found = form.exec(text.trim());
  if (found === null) return undefined;
  const connection = connectionNamed(found[1]!);
  if (connection === undefined) return { error: `There is no shared resource ${found[1]!.slice(0, 100)}` };
  const rest = found[2]!.replaceAll('\\', '/');
  const names = rest.split('/').filter((name) => name !== '');
  const odd = names.some((name) => name === '.' || name === '..' || /[\u0000-\u001f\u007f]/.test(name));
  if (odd || (rest !== '' && !rest.startsWith('/'))) return { error: 'The path leads out of its shared resource' };
  return { place: placeIn(connection, names) };
}

/** A place as a published parameter names it. */
export function sharedText(place: SharedPlace): string {
  const { name, path } = connectionOf(place);
  return path === '' ? `$(${name})` : `$(${name})/${path}`;
}
