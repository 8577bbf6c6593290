import { choices } from '../choices.ts';

/**
 * Whose an item is. Nobody owns files here; clients know that what lies in `/Users/guest` is guest's, and so it is told.
 */
export function ownerOf(path: string): string {
  const [, folder, name] = path.split('/');
  return folder === choices.usersFolder && name !== undefined && name !== '' ? name : choices.defaultOwner;
}
