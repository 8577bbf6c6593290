import { type At, entries, fields, items, string } from './check.ts';
import type { FunctionRef, Used } from './site.ts';
import { unsupported } from './unsupported.ts';

const known = ['authentications', 'catalogs', 'errors', 'extensions', 'functions', 'retries', 'secrets', 'timeouts'];

/** Reads `use`: names only; what they stand for is checked where each kind of part is compiled. */
export function readUse(at: At | undefined): Used {
  const read = at && fields(at, { what: 'use', known });
  const section = (name: string): Map<string, At> => {
    const found = read?.get(name);
    return new Map(found ? entries(found, `use.${name}`) : []);
  };
  const catalogs = read?.get('catalogs');
  if (catalogs) unsupported(catalogs, 'A catalog of functions ("use.catalogs")');
  const extensions = read?.get('extensions');
  if (extensions) unsupported(extensions, 'Extending tasks ("use.extensions")');
  const secrets = new Set<string>();
  const named = read?.get('secrets');
  for (const item of named ? items(named, 'use.secrets') : []) {
    const name = string(item, 'A secret');
    if (name !== undefined) secrets.add(name);
  }
  const functions = new Map<string, FunctionRef>([...section('functions')].map(([name, at]) => [name, { at }]));
  return {
    functions,
    retries: section('retries'),
    timeouts: section('timeouts'),
    errors: section('errors'),
    authentications: section('authentications'),
    secrets,
  };
}
