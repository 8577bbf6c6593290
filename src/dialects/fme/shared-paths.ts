/** Paths of shared resources: `$(FME_SHAREDRESOURCE_TEMP)/folder/file`. */
export interface SharedPath {
  /** `FME_SHAREDRESOURCE_TEMP`. */
  connection: string;
  /** Below it, names joined with `/`; empty for the whole. */
  path: string;
}

const form = /^\$\((FME_SHAREDRESOURCE_[A-Z0-9_]+)\)(.*)$/s;

/** The parts of such a path; undefined for any other text, `false` for one that leads out of its resource. */
export function sharedPathOf(text: string): SharedPath | undefined | false {
  const found = form.exec(text.trim());
  if (found === null) return undefined;
  const rest = found[2]!.replaceAll('\\', '/');
  if (rest !== '' && !rest.startsWith('/')) return false;
  const names = rest.split('/').filter((name) => name !== '');
  const odd = names.some((name) => name === '.' || name === '..' || /[\u0000-\u001f\u007f]/.test(name));
  return odd ? false : { connection: found[1]!, path: names.join('/') };
}

export const sharedPathText = ({ connection, path }: SharedPath): string =>
  path === '' ? `$(${connection})` : `$(${connection})/${path}`;

/** A path as a parameter's value: those of shared resources in one spelling, all others as they are. */
export function readSharedPath(text: string): { value: string; error?: string } {
  const path = sharedPathOf(text);
  if (path === false) return { value: text, error: 'The path leads out of its shared resource' };
  return { value: path === undefined ? text : sharedPathText(path) };
}
