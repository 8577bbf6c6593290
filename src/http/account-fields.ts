import * as z from 'zod';

/** A name of a user or a group. */
export const accountName = z
  .string()
  .regex(/^[^\s:/\x00-\x1f\x7f]{1,100}$/)
  .meta({
    description: 'No white space, colon or slash.',
    example: 'mary',
    accepted: 'text of 1 to 100 characters without white space, colon or slash',
  });

export const newPassword = z.string().min(8).max(1000).meta({ description: 'At least 8 characters.' });

export const groupNames = z.array(z.string().min(1).max(100)).max(100);
