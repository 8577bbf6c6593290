import { duration, integer, size } from '../kinds.ts';
import { day, GiB, setting } from './setting.ts';

/** How much of a request it takes. */
export const requests = {
  bodyLimit: setting({
    kind: size(1_024, GiB),
    default: 2 ** 20,
    unit: 'bytes',
    description: 'Largest JSON body of a request.',
  }),
  uploadLimit: setting({
    kind: size(1_024, 1_024 * GiB),
    default: 2 ** 28,
    unit: 'bytes',
    description: 'Largest uploaded file.',
  }),
  maxWait: setting({
    kind: duration(0, day),
    default: 25,
    unit: 'seconds',
    description: 'Longest time a request waits for a job; then it is answered 202 with the id.',
  }),
  maxConnections: setting({
    kind: integer(1, 1_000_000),
    default: 12_000,
    description: 'Connections open at once; further ones are refused.',
  }),
};
