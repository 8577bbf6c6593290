import { type Kind, listOf, type Setting } from '../kinds.ts';

export const day = 86_400;
export const GiB = 2 ** 30;

/** A row; keeps its literal type while checking it against the shape. */
export const setting = <V>(row: Setting<V>): Setting<V> => row;

/** A row of several values, none unless said. */
export const list = (item: Kind<string>, description: string): Setting<readonly string[]> =>
  setting({ kind: listOf(item), default: [], defaultText: 'none', description });
