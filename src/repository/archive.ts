import { PassThrough, type Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { type Entry, fromBufferPromise, openPromise, type ZipFile } from 'yauzl';
import { ZipFile as ZipWriter } from 'yazl';
import { isMillraceError } from '../model/errors.ts';
import {
  type ArchiveLimits,
  archiveLimits,
  archiveTooLarge,
  badArchive,
  checkContent,
  checkOverlap,
  createNameCheck,
  isExecutable,
  kindOf,
  pathOf,
} from './archive-checks.ts';
import { isBelow, namesOf, parseRepositoryPath, type RepositoryPath, rebase, rootPath } from './safe-path.ts';

export { type ArchiveLimits, archiveLimits } from './archive-checks.ts';

/** A file or folder in an archive. */
export interface ArchiveEntry {
  /** Below wherever the archive goes. */
  path: RepositoryPath;
  kind: 'file' | 'folder';
  /** As the directory of the archive says; reading gives exactly as many or fails. */
  bytes: number;
  executable: boolean;
  /** The content; ends in `invalid-input` when it is not what the directory says. */
  read(): AsyncIterable<Uint8Array>;
}

export interface Archive {
  /** In the order of the archive. */
  entries: ArchiveEntry[];
  close(): void;
}

/**
 * Opens a ZIP archive (APPNOTE 6.3) and checks the whole of its directory before anything is inflated: names, kinds,
 * clashes, number, sizes, ratios, overlaps. Nothing is written anywhere. `source` is the bytes, or a file that this
 * server made itself, never a name that came with a request.
 *
 * @throws invalid-input, invalid-path, too-large
 */
export async function readArchive(
  source: Uint8Array | { file: string },
  limits: ArchiveLimits = archiveLimits,
): Promise<Archive> {
  const options = { autoClose: false, lazyEntries: true, strictFileNames: true, validateEntrySizes: true } as const;
  let zip: ZipFile | undefined;
  try {
    zip =
      source instanceof Uint8Array
        ? await fromBufferPromise(Buffer.from(source.buffer, source.byteOffset, source.byteLength), options)
        : await openPromise(source.file, options);
    const entries = await readDirectory(zip, limits);
    const opened = zip;
    return { entries, close: () => opened.close() };
  } catch (error) {
    zip?.close();
    throw translate(error);
  }
}

/** The entries below the one folder that holds all; as they are when there is no such folder. */
export function withoutRoot(entries: ArchiveEntry[]): ArchiveEntry[] {
  const first = entries[0] && namesOf(entries[0].path)[0];
  if (first === undefined) return entries;
  const root = parseRepositoryPath(first);
  const inRoot = ({ path, kind }: ArchiveEntry): boolean => isBelow(path, root) || (path === root && kind === 'folder');
  if (!entries.every(inRoot)) return entries;
  return entries
    .filter(({ path }) => path !== root)
    .map((entry) => ({ ...entry, path: rebase(entry.path, root, rootPath) }));
}

async function readDirectory(zip: ZipFile, limits: ArchiveLimits): Promise<ArchiveEntry[]> {
  const tooMany = () => archiveTooLarge(`it has more than ${limits.entries} entries.`);
  if (zip.entryCount > limits.entries) throw tooMany();
  const checkName = createNameCheck();
  const raw: Entry[] = [];
  const entries: ArchiveEntry[] = [];
  let total = 0;
  for await (const entry of zip.eachEntry()) {
    if (raw.push(entry) > limits.entries) throw tooMany();
    const kind = kindOf(entry);
    const path = pathOf(entry);
    checkName(path, kind);
    checkContent(entry, limits);
    total += entry.uncompressedSize;
    if (total > limits.totalBytes) throw archiveTooLarge(`inflated it has more than ${limits.totalBytes} bytes.`);
    entries.push({
      path,
      kind,
      bytes: entry.uncompressedSize,
      executable: isExecutable(entry),
      read: () => readEntry(zip, entry, path),
    });
  }
  checkOverlap(raw);
  return entries;
}

/** Inflates one entry; what the directory said is held against what comes out. */
async function* readEntry(zip: ZipFile, entry: Entry, path: RepositoryPath): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  let sum = 0;
  try {
    const stream = await zip.openReadStreamPromise(entry);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > entry.uncompressedSize) throw badArchive(`${path} is longer than it says.`);
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (error) {
    throw translate(error);
  }
  if (bytes !== entry.uncompressedSize) throw badArchive(`${path} is shorter than it says.`);
  if (sum !== entry.crc32) throw badArchive(`${path} is damaged (its checksum does not fit).`);
}

function translate(error: unknown): unknown {
  if (isMillraceError(error)) return error;
  return badArchive(`it cannot be read (${error instanceof Error ? error.message : String(error)}).`, error);
}

/** A file, or without `open` a folder, to be put into an archive. */
export interface ArchiveSource {
  /** Names joined with `/`, and one in front. */
  path: string;
  /** Milliseconds since 1970. */
  modifiedAt: number;
  open?(): Promise<Readable>;
}

/** How hard files are packed unless somebody says otherwise: that of zlib. */
const USUAL_LEVEL = 6;

/**
 * A ZIP archive as a stream; one file after another is opened as the reader takes it. A file that fails to open or to be
 * read ends the stream with its error. Ending the stream early closes what is open.
 *
 * @param level from 0, not packed at all, to 9
 */
export function writeArchive(files: Iterable<ArchiveSource>, level = USUAL_LEVEL): Readable {
  const zip = new ZipWriter();
  const output = new PassThrough();
  let current: Readable | undefined;
  const stop = (error: Error): void => void output.destroy(error);
  zip.on('error', stop);
  for (const { path, modifiedAt, open } of files) {
    const mtime = new Date(modifiedAt);
    const name = path.slice(1);
    if (open === undefined) {
      zip.addEmptyDirectory(name, { mtime, mode: 0o040755 });
      continue;
    }
    zip.addReadStreamLazy(name, { mtime, mode: 0o100644, compressionLevel: level }, (give) => {
      if (output.destroyed) return;
      open().then((stream) => {
        current = stream;
        if (output.destroyed) stream.destroy();
        else give(null, stream.on('error', stop));
      }, stop);
    });
  }
  output.once('close', () => current?.destroy());
  zip.outputStream.pipe(output);
  zip.end();
  return output;
}
