import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Makes and reads archives with Python's own library, as scripts of users do: not with what the server uses. */
const python = (code: string, ...args: string[]): string =>
  execFileSync('python3', ['-c', code, ...args], { encoding: 'utf8' });

function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-zip-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An archive of these files; a name that ends in a slash is a folder. */
export const zip = (files: Readonly<Record<string, string>>): Buffer =>
  inFolder((folder) => {
    const out = join(folder, 'out.zip');
    const code =
      'import sys,json,zipfile\nz=zipfile.ZipFile(sys.argv[1],"w",zipfile.ZIP_DEFLATED)\nfor n,t in json.loads(sys.argv[2]).items(): z.writestr(n,t)\nz.close()';
    python(code, out, JSON.stringify(files));
    return readFileSync(out);
  });

/** Names to texts of an archive, folders with a slash behind. */
export const unzip = (bytes: Buffer): Record<string, string> =>
  inFolder((folder) => {
    const file = join(folder, 'in.zip');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    const code =
      'import sys,json,zipfile\nz=zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(json.dumps({n:z.read(n).decode() for n in z.namelist()}))';
    return JSON.parse(python(code, file));
  });
