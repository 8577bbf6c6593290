import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { fail } from '../model/errors.ts';
import type { Output } from './output.ts';

/** The password from standard input or asked for at the terminal; undefined when there is no terminal to ask. */
export async function readPassword(fromStdin: boolean, name: string, output: Output): Promise<string | undefined> {
  if (fromStdin) {
    const password = readFileSync(0, 'utf8').replace(/\r?\n$/, '');
    if (password === '') throw fail('invalid-input', 'Standard input holds no password.');
    return password;
  }
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  output.note(`Password for ${name} (empty: draw one):`);
  // What is typed is not shown: the line editor writes to nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const editor = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    const password = await new Promise<string>((resolve) => editor.question('', resolve));
    return password === '' ? undefined : password;
  } finally {
    editor.close();
  }
}
