import type { Config } from '../config.ts';
import type { Dialect } from '../dialect.ts';
import { fme } from './fme/index.ts';
import { knime } from './knime/index.ts';
import { native } from './native/index.ts';

/** Every REST API the server speaks; a new one is one line here. */
export const createDialects = (config: Pick<Config, 'knime'>): readonly Dialect[] => [
  native,
  ...fme,
  knime(config.knime),
];
