import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { fail } from '../model/errors.ts';
import type { Job, JobFile } from '../model/job.ts';
import { createJobUuids } from '../model/job-uuid.ts';
import { type BlobRef, isBlob, type Payload } from '../model/payload.ts';
import type { Principal } from '../model/principal.ts';
import { writeArchive } from '../repository/archive.ts';
import type { Blobs, Store } from '../store.ts';
import type { Intake } from './intake.ts';
import type { Jobs } from './jobs.ts';

/** What a completed job gives away. */
export interface Results {
  /** The files its steps left; without any, its output as one JSON file. Throws `conflict` unless it is completed. */
  files(principal: Principal, job: number): Promise<ResultFile[]>;
  /** All of these in one ZIP archive. Throws `conflict`, `disk-full`. */
  archive(principal: Principal, job: number): Promise<ResultFile>;
  /** A secret that leads whoever has it to the archive, for a while; undefined once, or as long as, it does not. */
  linkTo(job: Job): string | undefined;
  /** The archive behind such a secret. Throws `not-found` for one that is wrong or has run out. */
  behindLink(secret: string): Promise<ResultFile>;
}

/** A file that can be opened as a whole or in a range, both ends inclusive. */
export interface ResultFile {
  name: string;
  contentType: string;
  bytes: number;
  /** Hash of the content. */
  etag: string;
  /** Milliseconds since 1970. */
  modifiedAt: number;
  open(range?: { start: number; end: number }): Promise<AsyncIterable<Uint8Array>>;
}

export interface ResultSettings {
  /** At least 32 random bytes that make links unguessable. */
  linkKey: Buffer;
  /** Life of a link from the end of its job, in milliseconds. */
  linkMs: number;
}

/** Archives that are remembered; others are made again when they are asked for. */
const MOST_KNOWN = 1_000;

export function createResults(parts: {
  store: Store;
  blobs: Blobs;
  jobs: Pick<Jobs, 'get'>;
  intake: Pick<Intake, 'checkRoom'>;
  settings: ResultSettings;
  clock: () => number;
}): Results {
  const { store, blobs, jobs, intake, settings, clock } = parts;
  const secrets = createJobUuids(settings.linkKey);

  const filesOf = async (job: Job): Promise<ResultFile[]> => {
    if (job.state !== 'completed' || job.output === undefined) {
      throw fail('conflict', `Job ${job.id} is ${job.state}; only a completed one has a result.`);
    }
    const left = (await store.listFiles(job.id)).filter(({ direction }) => direction === 'out');
    return left.length > 0 ? left.map((file) => leftFile(blobs, file)) : [outputFile(blobs, job, job.output)];
  };

  // An archive is a function of the files, so it is kept as a file that nothing refers to: the pruner takes it away after
  // an hour, and whoever comes later has it made again.
  const known = new Map<number, Promise<BlobRef>>();
  const made = async (job: Job): Promise<BlobRef> => {
    const before = known.get(job.id);
    const kept = await before?.catch(() => undefined);
    if (kept !== undefined && (await blobs.size(kept.blob)) !== undefined) return kept;
    // Somebody else may have begun meanwhile.
    const other = known.get(job.id);
    if (other !== undefined && other !== before) return other;
    const making = make(job);
    known.set(job.id, making);
    making.catch(() => known.get(job.id) === making && known.delete(job.id));
    for (const oldest of known.keys()) {
      if (known.size <= MOST_KNOWN) break;
      known.delete(oldest);
    }
    return making;
  };
  const make = async (job: Job): Promise<BlobRef> => {
    const files = await filesOf(job);
    intake.checkRoom();
    const sources = files.map(({ name, modifiedAt, open }) => ({
      path: `/${name}`,
      modifiedAt,
      open: async () => Readable.from(await open(), { objectMode: false }),
    }));
    return blobs.put(writeArchive(sources), Number.MAX_SAFE_INTEGER);
  };

  const archiveOf = async (job: Job): Promise<ResultFile> => {
    const { blob, bytes } = await made(job);
    return {
      name: `${nameOf(job)}-${job.id}.zip`,
      contentType: 'application/zip',
      bytes,
      etag: blob,
      modifiedAt: job.finishedAt ?? job.createdAt,
      open: (range) => blobs.open(blob, range),
    };
  };

  const isLinked = ({ state, finishedAt }: Job): boolean =>
    state === 'completed' && finishedAt !== undefined && finishedAt + settings.linkMs > clock();

  return {
    files: async (principal, job) => filesOf(await jobs.get(principal, job)),
    archive: async (principal, job) => archiveOf(await jobs.get(principal, job)),
    linkTo: (job) => (isLinked(job) ? secrets.of(job.id) : undefined),
    async behindLink(secret) {
      const id = secrets.idOf(secret);
      const job = id === undefined ? undefined : await store.findJob(id);
      if (job === undefined || !isLinked(job)) throw fail('not-found', 'There is no such result, or not any more.');
      return archiveOf(job);
    },
  };
}

const nameOf = ({ workflow }: Job): string => workflow.slice(workflow.lastIndexOf('/') + 1);

const leftFile = (blobs: Blobs, { name, contentType, bytes, blob, createdAt }: JobFile): ResultFile => ({
  name,
  contentType,
  bytes,
  etag: blob,
  modifiedAt: createdAt,
  open: (range) => blobs.open(blob, range),
});

function outputFile(blobs: Blobs, job: Job, output: Payload): ResultFile {
  const head = {
    name: `${nameOf(job)}.json`,
    contentType: 'application/json',
    modifiedAt: job.finishedAt ?? job.createdAt,
  };
  if (isBlob(output)) {
    const { blob, bytes } = output;
    return { ...head, bytes, etag: blob, open: (range) => blobs.open(blob, range) };
  }
  const content = Buffer.from(output.json);
  return {
    ...head,
    bytes: content.length,
    etag: createHash('sha256').update(content).digest('hex'),
    open: async (range) => Readable.from([range ? content.subarray(range.start, range.end + 1) : content]),
  };
}
