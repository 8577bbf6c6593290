import * as z from 'zod';
import type { SharedEntry, SharedPlace } from '../../engine/shared.ts';
import { connectionOf } from './connections.ts';

/** One file or folder as both generations of the API show it. */
export interface ResourceWire {
  name: string;
  type: 'FILE' | 'DIR';
  /** The folder it lies in, between slashes. */
  path: string;
  /** Bytes; of files only. */
  size?: number;
  date: string;
  contents?: ResourceWire[];
}

export const FmeResource = z
  .object({
    name: z.string(),
    type: z.enum(['FILE', 'DIR']),
    path: z.string().meta({ description: 'The folder it lies in, below its connection.' }),
    size: z.int().optional().meta({ description: 'Bytes of a file.' }),
    date: z.string().meta({ format: 'date-time', description: 'When it was last changed.' }),
    contents: z
      .array(z.looseObject({ name: z.string(), type: z.enum(['FILE', 'DIR']) }))
      .optional()
      .meta({ description: 'Of a folder: what lies in it, each of the same form.' }),
  })
  .meta({ id: 'FmeResource', description: 'A shared file or folder.' });

export const exampleFile = {
  name: 'a.gpkg',
  type: 'FILE',
  path: '/job-17/',
  size: 1234,
  date: '2026-01-15T09:30:00.480Z',
};
export const exampleFolder = {
  name: 'job-17',
  type: 'DIR',
  path: '/',
  date: '2026-01-15T09:30:00.480Z',
  contents: [exampleFile],
};

/** What lies at a place. */
export function resourceWire(entry: SharedEntry, place: SharedPlace): ResourceWire {
  const { path } = connectionOf(place);
  const slash = path.lastIndexOf('/');
  // The top of a connection has no name of its own.
  return wireOf({ ...entry, name: path.slice(slash + 1) }, slash < 0 ? '/' : `/${path.slice(0, slash)}/`);
}

function wireOf({ name, kind, bytes, modifiedAt, contents }: SharedEntry, path: string): ResourceWire {
  const below = name === '' ? path : `${path}${name}/`;
  return {
    name,
    type: kind === 'file' ? 'FILE' : 'DIR',
    path,
    ...(kind === 'file' ? { size: bytes } : {}),
    date: new Date(modifiedAt).toISOString(),
    ...(contents === undefined ? {} : { contents: contents.map((entry) => wireOf(entry, below)) }),
  };
}

export const FmeConnection = z
  .object({ name: z.string(), displayName: z.string(), type: z.string(), description: z.string() })
  .meta({ id: 'FmeResourceConnection', description: 'A connection to shared files.' });

export type ConnectionWire = z.output<typeof FmeConnection>;
