import { execFileSync } from 'node:child_process';

/** Reads a document with Python's parser; throws when it is not well-formed. */
export const readXml = (text: string): void => {
  execFileSync('python3', ['-c', 'import sys,xml.dom.minidom as m\nm.parseString(sys.stdin.buffer.read())'], {
    input: text,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
};
