/** True when one of the texts has the wanted one in it, in any case; without a wanted one always. */
export function matches(wanted: string | undefined, ...texts: (string | undefined)[]): boolean {
  if (wanted === undefined) return true;
  const lower = wanted.toLowerCase();
  return texts.some((text) => text?.toLowerCase().includes(lower));
}
