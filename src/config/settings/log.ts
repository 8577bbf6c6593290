import { choice, integer } from '../kinds.ts';
import { setting } from './setting.ts';

/** The log of the server. */
export const log = {
  logLevel: setting({
    kind: choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    default: 'info',
    description: 'Least important lines the server writes.',
    common: true,
  }),
  logFormat: setting({
    kind: choice('pretty', 'json'),
    default: ({ terminal }) => (terminal ? 'pretty' : 'json'),
    defaultText: 'pretty on a terminal, else json',
    description: 'Form of these lines.',
    common: true,
  }),
  logKeepKiB: setting({
    kind: integer(0, 2 ** 20),
    default: 2_048,
    unit: 'KiB',
    description: 'How much of the latest lines is kept in memory, for administrators to download.',
  }),
};
