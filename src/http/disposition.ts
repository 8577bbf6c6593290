/**
 * The name in a `Content-Disposition` (RFC 6266), as one plain name whatever the client calls its file; undefined when
 * there is none that a file can have.
 */
export function fileNameIn(disposition: string | undefined): string | undefined {
  const extended = /\bfilename\*\s*=\s*utf-8'[^']*'([^\s;]+)/i.exec(disposition ?? '')?.[1];
  const given = /\bfilename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/i.exec(disposition ?? '');
  const plain = given?.[1]?.replace(/\\(["\\])/g, '$1') ?? given?.[2];
  return plainName(decoded(extended) ?? asUtf8(plain ?? ''));
}

/** The last part of what a client calls its file; undefined where no file can be called so. */
export function plainName(given: string): string | undefined {
  const name = given
    .split(/[\\/]/)
    .at(-1)!
    .replace(/[\x00-\x1f\x7f]/g, '');
  return /^\.{0,2}$/.test(name) || Buffer.byteLength(name) > 255 ? undefined : name;
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Node reads headers as Latin-1; most clients send UTF-8 in them. */
function asUtf8(text: string): string {
  const bytes = Buffer.from(text, 'latin1').toString('utf8');
  return bytes.includes('\ufffd') ? text : bytes;
}
