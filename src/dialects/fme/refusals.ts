import * as z from 'zod';
import { fail, isMillraceError } from '../../model/errors.ts';

/** What understood requests are answered that are not possible in this state. */
export const FmeRefusal = z.object({ message: z.string() }).meta({ id: 'FmeRefusal' });

/** A conflict as it is answered there: 422, with a text of theirs where there is one. Every other error stays as it is. */
export function asRefusal(error: unknown, detail?: string): unknown {
  if (!isMillraceError(error) || error.code !== 'conflict') return error;
  return fail('conflict', { status: 422, detail: detail ?? error.message });
}
