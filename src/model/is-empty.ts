/** True for an object without members of its own; without making a list of them. */
export function isEmpty(object: object): boolean {
  for (const _ in object) return false;
  return true;
}
