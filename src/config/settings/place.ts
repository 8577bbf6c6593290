import { join } from 'node:path';
import { integer, optional, path, secretText, text } from '../kinds.ts';
import { setting } from './setting.ts';

/** Where it listens, and where its files are. */
export const place = {
  host: setting({
    kind: text('an address or host name'),
    default: '127.0.0.1',
    description: 'Address to listen on; 0.0.0.0 or :: for all.',
    common: true,
  }),
  port: setting({
    kind: integer(0, 65_535),
    default: 8_080,
    description: 'Port to listen on; 0 takes a free one.',
    common: true,
  }),
  data: setting({
    kind: path,
    default: ({ folder }) => join(folder, 'data'),
    defaultText: './data',
    description: 'Folder with the database, files and keys. Deleting it removes all that Millrace keeps.',
    common: true,
  }),
  workflows: setting({
    kind: path,
    default: ({ folder }) => join(folder, 'workflows'),
    defaultText: './workflows',
    description: 'Folder with the workflow definitions.',
    common: true,
  }),
  secretsFolder: setting({
    kind: path,
    default: (_machine, known) => join(String(known['data']), 'secrets'),
    defaultText: '<data>/secrets',
    description: 'Folder with the secrets of workflows, one file each; a definition names them under `use.secrets`.',
  }),
  adminPassword: setting({
    kind: optional(secretText),
    default: undefined,
    defaultText: 'drawn at the first start and printed once',
    description: 'Password of the user `admin`, set at every start.',
    secret: true,
    common: true,
  }),
};
