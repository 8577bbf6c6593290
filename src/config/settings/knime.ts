import { choice, duration } from '../kinds.ts';
import { day, setting } from './setting.ts';

/** Clients of KNIME Server. */
export const knime = {
  stateNames: setting({
    kind: choice('new', 'old'),
    default: 'new',
    description:
      'Names of job states: `new` as KNIME Server 4.12 and later; `old` for earlier clients, to which a job that ended is `EXECUTED` or `IDLE`.',
  }),
  tokenSeconds: setting({
    kind: duration(60, 365 * day),
    default: day / 2,
    unit: 'seconds',
    description: 'How long a token from `/knime/rest/v4/auth/jwt` works.',
  }),
};
