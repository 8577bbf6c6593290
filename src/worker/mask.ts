import type { Json } from '../model/json.ts';

/** Hides secret values in text. */
export interface Mask {
  /** Every text in `value`, at any depth, is hidden from now on. */
  add(value: Json): void;
  hide(text: string): string;
}

/** Shorter texts are not hidden: they would blank out half of any log and protect nothing. */
const SHORTEST = 4;

export function createMask(): Mask {
  const hidden = new Set<string>();
  const add = (value: Json): void => {
    if (typeof value === 'string') {
      if (value.length < SHORTEST) return;
      hidden.add(value);
      hidden.add(encodeURIComponent(value));
      hidden.add(Buffer.from(value).toString('base64'));
    } else if (value !== null && typeof value === 'object') {
      for (const inner of Object.values(value)) add(inner);
    }
  };
  return {
    add,
    hide: (text) => {
      let shown = text;
      for (const secret of hidden) shown = shown.replaceAll(secret, '***');
      return shown;
    },
  };
}
