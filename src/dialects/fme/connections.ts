import type { DialectContext } from '../../dialect.ts';
import type { SharedPlace } from '../../engine/shared.ts';
import { fail, isMillraceError } from '../../model/errors.ts';
import type { Principal } from '../../model/principal.ts';
import { choices } from './choices.ts';
import { messages } from './messages.ts';

/** A resource connection: the name under which clients know an area of shared files. */
export type Connection = (typeof choices.connections)[number];

const prefix = 'FME_SHAREDRESOURCE_';
const uploads = choices.uploadsFolder.split('/');

/** By its full name, or by its short one (`Temp`) in any case. */
export const connectionNamed = (name: string): Connection | undefined =>
  choices.connections.find((one) => one.name === name || one.name === `${prefix}${name.toUpperCase()}`);

/** Names of a path, whatever number of slashes stands between, before and behind them. */
export const namesIn = (path: string): string[] => path.split('/').filter((name) => name !== '');

/** The shared files a path of a connection stands for. A user's own uploads lie in one folder of the system's. */
export function placeIn({ area }: Connection, names: readonly string[]): SharedPlace {
  const isUploads = area === 'system' && uploads.every((name, at) => names[at] === name);
  return isUploads ? { area: 'uploads', path: names.slice(uploads.length).join('/') } : { area, path: names.join('/') };
}

/** The connection and the path in it under which clients know a place. */
export function connectionOf({ area, path }: SharedPlace): { name: string; path: string } {
  const isUploads = area === 'uploads';
  const { name } = choices.connections.find((one) => one.area === (isUploads ? 'system' : area))!;
  return { name, path: isUploads ? [...uploads, ...namesIn(path)].join('/') : path };
}

/**
 * The place a request names. Throws `not-found` in the words of the original for a connection that is not there or may
 * not be seen; whether something lies at the place is left open.
 */
export function findPlace({ engine }: DialectContext, principal: Principal, name: string, path: string): SharedPlace {
  const connection = connectionNamed(name);
  const place = connection && placeIn(connection, namesIn(path));
  if (place === undefined || !engine.shared.mayRead(principal, place.area))
    throw fail('not-found', messages.hiddenOrMissing(principal.name));
  return place;
}

/** Deletes what lies at the place that `path` named. Throws `not-found` in their words. */
export async function removeResource(
  { engine }: DialectContext,
  principal: Principal,
  place: SharedPlace,
  path: string,
): Promise<void> {
  try {
    await engine.shared.remove(principal, place);
  } catch (error) {
    if (isMillraceError(error) && error.code === 'not-found') throw fail('not-found', messages.noResource(path));
    throw error;
  }
}

/** A place in a folder that another one is. */
export const within = ({ area, path }: SharedPlace, name: string): SharedPlace => ({
  area,
  path: path === '' ? name : `${path}/${name}`,
});
