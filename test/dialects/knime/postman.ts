import { createRequire } from 'node:module';
import { type DialectServer, PASSWORD } from '../server.ts';

const require = createRequire(import.meta.url);

// biome-ignore lint/suspicious/noExplicitAny: a collection, walked by hand
type Item = any;

/** What the import makes values of: the examples of a document, or its schemas, as Postman does unless told. */
type Resolution = 'Example' | 'Schema';

/** Converts a document as Postman's import does. */
async function convert(document: unknown, resolution: Resolution): Promise<Item> {
  const converter = require('openapi-to-postmanv2');
  const options = {
    folderStrategy: 'Tags',
    parametersResolution: resolution,
    requestParametersResolution: resolution,
  };
  return new Promise((resolve, reject) => {
    converter.convert({ type: 'json', data: document }, options, (error: unknown, result: Item) => {
      if (error || !result.result) reject(error ?? new Error(result.reason));
      else resolve(result.output[0].data);
    });
  });
}

const requestsOf = (items: Item[]): Item[] => items.flatMap((item) => (item.item ? requestsOf(item.item) : [item]));

/**
 * Imports a document and runs its requests in newman: those that `names` lists, in that order, else all as imported.
 * Answers the status of each by its name. `variables`: values of path variables.
 */
export async function importAndRun(
  server: DialectServer,
  document: unknown,
  {
    names,
    variables = {},
    resolution = 'Example',
  }: { names?: readonly string[]; variables?: Record<string, string>; resolution?: Resolution } = {},
): Promise<{ imported: string[]; statuses: [name: string, status: number][] }> {
  const collection = await convert(document, resolution);
  const all = requestsOf(collection.item);
  const chosen = (names ?? all.map(({ name }) => name)).map((name) => {
    const item = all.find((one) => one.name === name);
    if (item === undefined) throw new Error(`The import has no ${name}: ${all.map((one) => one.name).join(', ')}`);
    return item;
  });
  for (const { request } of chosen) {
    for (const variable of request.url.variable ?? []) variable.value = variables[variable.key] ?? variable.value;
    // Of a single workflow all values are meant; of the server, optional ones are examples of what may be sent.
    for (const query of names === undefined ? [] : (request.url.query ?? [])) query.disabled = true;
  }
  const statuses: [string, number][] = [];
  await new Promise<void>((resolve, reject) => {
    require('newman')
      .run({
        collection: { ...collection, item: chosen },
        envVar: Object.entries({
          basicAuthUsername: 'admin',
          basicAuthPassword: PASSWORD,
          baseUrl: `${server.url}/knime`,
          ...variables,
        }).map(([key, value]) => ({ key, value })),
        timeoutRequest: 30_000,
        reporters: [],
      })
      .on('request', (error: Error | null, { response, item }: Item) => {
        if (error) reject(error);
        else statuses.push([item.name, response.code]);
      })
      .on('done', (error: Error | null) => (error ? reject(error) : resolve()));
  });
  return { imported: all.map(({ name }) => name), statuses };
}
