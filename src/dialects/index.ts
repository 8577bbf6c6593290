import type { Config } from '../config.ts';
import type { Dialect, DialectFamily } from '../dialect.ts';
import { ownsAddress, ROOT } from './knime/addresses.ts';
import { native } from './native/index.ts';

/** The REST API that every server speaks from its start. */
export const dialects: readonly Dialect[] = [native];

/** All others; a new one is one entry here. */
export const createFamilies = (config: Pick<Config, 'knime'>): readonly DialectFamily[] => [
  {
    name: 'fme',
    title: 'FME Flow REST API',
    documentPath: '/fmeapiv4/docs/openapi.json',
    owns: (url) => url.startsWith('/fme'),
    load: async () => (await import('./fme/index.ts')).fme,
  },
  {
    name: 'knime',
    title: 'KNIME Server REST API',
    documentPath: `${ROOT}/openapi.json`,
    owns: ownsAddress,
    load: async () => [(await import('./knime/index.ts')).knime(config.knime)],
  },
];
