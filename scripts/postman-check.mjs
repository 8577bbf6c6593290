// Proves that the API can be imported into Postman and run there: starts a fresh server, runs its own collection with
// newman, then converts /openapi.json as Postman does and runs that too. Every answer must be 2xx.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import newman from 'newman';
import converter from 'openapi-to-postmanv2';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const PASSWORD = 'postman-check-password';
const authorization = `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}`;

/** A port nobody listens on at the moment. */
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** The sample workflows, of which the one that the collections run again and again takes no ten seconds here. */
function copyWorkflows(folder) {
  cpSync(join(root, 'workflows'), folder, { recursive: true });
  const file = join(folder, 'Tutorials', '10seconds.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('wait: { seconds: 10 }', 'wait: { milliseconds: 200 }'));
}

/** Starts the built server on empty folders with the sample workflows. */
async function startServer() {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-postman-'));
  copyWorkflows(join(folder, 'workflows'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [join(root, 'bin/millrace.js'), 'serve'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      PATH: process.env.PATH,
      MILLRACE_PORT: String(port),
      MILLRACE_DATA: join(folder, 'data'),
      MILLRACE_WORKFLOWS: join(folder, 'workflows'),
      MILLRACE_ADMIN_PASSWORD: PASSWORD,
      MILLRACE_LOG_LEVEL: 'warn',
    },
  });
  for (let i = 0; i < 300; i++) {
    const ready = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) break;
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}.`);
    await sleep(100);
  }
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs a collection; answers what was not 2xx. */
function run(collection, variables) {
  return new Promise((resolve, reject) => {
    const failures = [];
    let count = 0;
    newman
      .run({
        collection,
        envVar: Object.entries(variables).map(([key, value]) => ({ key, value })),
        timeoutRequest: 30_000,
        reporters: [],
      })
      .on('request', (error, { response, item, request }) => {
        count += 1;
        const status = error ? String(error) : response.code;
        if (error || status < 200 || status > 299) {
          failures.push(
            `${item.name}: ${request.method} ${request.url} answered ${status} ${response?.text().slice(0, 300) ?? ''}`,
          );
        }
      })
      .on('done', (error, summary) => {
        if (error) return reject(error);
        for (const { error: failure, source } of summary.run.failures)
          failures.push(`${source?.name}: ${failure.message}`);
        resolve({ count, failures });
      });
  });
}

/** Converts a document as Postman's import does. */
const convert = (document) =>
  new Promise((resolve, reject) => {
    const options = { folderStrategy: 'Tags', parametersResolution: 'Example' };
    converter.convert({ type: 'json', data: document }, options, (error, result) => {
      if (error || !result.result) reject(error ?? new Error(result.reason));
      else resolve(result.output[0].data);
    });
  });

const requestsOf = (items) => items.flatMap((item) => (item.item ? requestsOf(item.item) : [item]));

/**
 * An imported collection knows neither an order nor the ids of a fresh server. Both come from the collection the server
 * makes itself, by the name of the request; method, address, headers and body stay as the converter made them.
 */
function arrange(imported, own) {
  const made = new Map(requestsOf(imported.item).map((item) => [item.name, item]));
  const missing = [];
  const items = requestsOf(own.item).map((step) => {
    const name = step.name.replace(/ \(for the next request\)$/, '');
    const item = structuredClone(made.get(name));
    if (item === undefined) {
      missing.push(name);
      return step;
    }
    const values = pathValues(item.request.url, step.request.url.path);
    // `{path}:verb` becomes `{{path}}:verb`, a variable of the whole collection; here each request has its own value.
    item.request.url.path = item.request.url.path.map((part, index) =>
      /^\{\{\w+\}\}:\w+$/.test(part) ? step.request.url.path[index] : part,
    );
    for (const variable of item.request.url.variable ?? [])
      if (values.has(variable.key)) variable.value = values.get(variable.key);
    for (const query of item.request.url.query ?? []) query.disabled = true;
    for (const header of step.request.header) {
      const same = item.request.header?.find((one) => one.key.toLowerCase() === header.key.toLowerCase());
      if (same) Object.assign(same, { value: header.value, disabled: false });
      else item.request.header = [...(item.request.header ?? []), header];
    }
    // Conditional and negotiating headers are examples of what may be sent, not what must be.
    for (const header of item.request.header ?? []) {
      const wanted = step.request.header.some((one) => one.key.toLowerCase() === header.key.toLowerCase());
      if (!wanted && !/^(accept|content-type)$/i.test(header.key)) header.disabled = true;
    }
    if (step.request.body) item.request.body = step.request.body;
    return { ...item, name: step.name, event: step.event };
  });
  if (missing.length > 0) throw new Error(`The import lost these requests: ${missing.join(', ')}`);
  return {
    ...imported,
    item: items,
    variable: [...(imported.variable ?? []), ...own.variable.filter(({ key }) => key !== 'baseUrl')],
  };
}

/** What stands in the own request where the import has a variable, by its name. */
function pathValues(url, path) {
  const values = new Map();
  for (const [index, part] of (url.path ?? []).entries()) {
    const name = /^:(\w+)$/.exec(part)?.[1];
    if (name !== undefined) values.set(name, decodeURIComponent(path[index] ?? ''));
  }
  return values;
}

async function main() {
  let bad = 0;
  const server = await startServer();
  try {
    const ask = async (path) => (await fetch(`${server.url}${path}`, { headers: { authorization } })).json();
    const own = await ask('/postman.json');
    const variables = { basicAuthUsername: 'admin', basicAuthPassword: PASSWORD };
    const report = (name, { count, failures }) => {
      bad += failures.length;
      console.log(`${name}: ${count} requests, ${failures.length} failures`);
      for (const failure of failures) console.error(`  ${failure}`);
    };
    report('/postman.json', await run(own, variables));
    const stored = readFileSync(join(root, 'openapi/openapi.json'), 'utf8');
    const imported = arrange(await convert(stored), own);
    report('openapi.json, imported', await run(imported, { ...variables, baseUrl: server.url }));
  } finally {
    await server.stop();
  }
  return bad === 0 ? 0 : 1;
}

process.exitCode = await main();
