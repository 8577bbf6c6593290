// Writes the generated documents into openapi/; with --check it writes nothing and fails when they differ from the code.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { Registry } from 'prom-client';
import { loadConfig } from '../src/config.ts';
import { createFamilies, dialects } from '../src/dialects/index.ts';
import type { Engine } from '../src/engine/engine.ts';
import { createHttpServer } from '../src/http/server.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'openapi');

/** File name to its text, as the code makes it now. */
export async function generateDocuments(): Promise<Map<string, string>> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  // Documents follow from the routes alone; none of them is called.
  const engine = { accounts: {} } as unknown as Engine;
  const families = createFamilies(loadConfig({ flags: {}, env: {} }).config);
  const all = [...dialects, ...(await Promise.all(families.map(({ load }) => load()))).flat()];
  const server = await createHttpServer({
    engine,
    dialects,
    families,
    options: {
      host: '127.0.0.1',
      port: 8080,
      publicUrl: 'http://127.0.0.1:8080',
      allowedHosts: [],
      bodyLimitBytes: 1_048_576,
      uploadLimitBytes: 1_073_741_824,
      maxConnections: 100,
      maxWaitSeconds: 25,
      jwtKey: randomBytes(32),
      version,
      docsPublic: true,
    },
    log: pino({ level: 'silent' }),
    metrics: new Registry(),
    health: async () => ({ ready: true, reasons: [] }),
    clock: Date.now,
  });
  const addresses: [file: string, address: string][] = [
    ['openapi.json', '/openapi.json'],
    ['openapi-3.1.json', '/openapi-3.1.json'],
    ['postman.json', '/postman.json'],
    // Dialects that share a document: it is called after the first.
    ...all.flatMap(({ name, documentPath }, index): [string, string][] =>
      documentPath === undefined || all.findIndex((one) => one.documentPath === documentPath) !== index
        ? []
        : [
            [`${name}.json`, documentPath],
            [`${name}-3.1.json`, documentPath.replace(/\.json$/, '-3.1.json')],
          ],
    ),
  ];
  const documents = new Map<string, string>();
  for (const [file, address] of addresses) {
    const response = await server.inject({ url: address, headers: { host: '127.0.0.1:8080' } });
    documents.set(file, `${JSON.stringify(response.json(), null, 2)}\n`);
  }
  await server.stop?.(0);
  return documents;
}

async function main(): Promise<number> {
  const check = process.argv.includes('--check');
  const differing: string[] = [];
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of await generateDocuments()) {
    const file = join(folder, name);
    if (read(file) === text) continue;
    differing.push(`openapi/${name}`);
    if (!check) writeFileSync(file, text);
  }
  if (!check) console.log(differing.length === 0 ? 'Nothing changed.' : `Written: ${differing.join(', ')}`);
  else if (differing.length > 0)
    console.error(`Differ from the code: ${differing.join(', ')}. Run: npx tsx scripts/openapi.ts`);
  return check && differing.length > 0 ? 1 : 0;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
