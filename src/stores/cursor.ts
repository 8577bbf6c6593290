import { fail } from '../model/errors.ts';

/** Which list and order a cursor belongs to. */
export type CursorKind = 'newest' | 'oldest' | 'audit' | 'newest-event' | 'oldest-event';

/** The place after an item, as text that says nothing to its holder. */
export const cursorOf = (kind: CursorKind, id: number): string => Buffer.from(`${kind}:${id}`).toString('base64url');

/** The id a cursor stands at; throws `invalid-input` for one that this list never gave out. */
export function readCursor(cursor: string | undefined, kind: CursorKind): number | undefined {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const parts = /^((?:newest|oldest)(?:-event)?|audit):(0|[1-9]\d{0,15})$/.exec(text);
  const id = Number(parts?.[2]);
  if (parts?.[1] === kind && cursorOf(kind, id) === cursor) return id;
  const accepted = parts
    ? `a cursor of the order "${kind}"; this one is of "${parts[1]}"`
    : 'the value of `next` of an earlier page, unchanged';
  throw fail('invalid-input', {
    detail: 'The cursor is not one this list gave out.',
    errors: [
      {
        pointer: 'cursor',
        in: 'query',
        message: 'This is not a cursor of this list.',
        value: cursor.slice(0, 60),
        accepted,
      },
    ],
  });
}
