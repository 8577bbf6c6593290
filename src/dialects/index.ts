import type { Dialect } from '../dialect.ts';
import { fme } from './fme/index.ts';
import { native } from './native/index.ts';

/** Every REST API the server speaks; a new one is one line here. */
export const dialects: readonly Dialect[] = [native, ...fme];
