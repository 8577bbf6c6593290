import { shownPath } from './not-found.ts';
import type { OpenApiDocument, Operation } from './openapi.ts';
import type { Flow, RouteRecord } from './routes.ts';

/** Postman collection format 2.1: folders by tag, real bodies, and what a request makes is kept for the next ones. */
export function buildCollection(document: OpenApiDocument, routes: readonly RouteRecord[]): unknown {
  const operations = documented(document, routes);
  const variables = new Set<string>();
  const item = (found: Found, flow: Flow, name: string) => {
    for (const variable of [...Object.keys(flow.save ?? {}), ...(flow.needs ?? [])]) variables.add(variable);
    return requestItem(found, flow, name);
  };
  const folders = document.tags.map((tag) => {
    const mine = operations.filter((found) => found.operation.tags[0] === tag.name);
    mine.sort((a, b) => (a.flow.order ?? 50) - (b.flow.order ?? 50));
    return {
      name: tag.name,
      description: tag.description,
      item: mine.flatMap((found) => [
        ...(found.flow.prepare ?? []).flatMap(({ operation, ...flow }) => {
          const other = operations.find((o) => o.operation.operationId === operation);
          return other === undefined ? [] : [item(other, flow, `${other.operation.summary} (for the next request)`)];
        }),
        item(found, found.flow, found.operation.summary),
      ]),
    };
  });
  return {
    info: {
      name: String(document.info['title']),
      description: String(document.info['description']),
      version: String(document.info['version']),
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    auth: {
      type: 'basic',
      basic: [
        { key: 'username', value: '{{basicAuthUsername}}', type: 'string' },
        { key: 'password', value: '{{basicAuthPassword}}', type: 'string' },
      ],
    },
    item: folders,
    variable: [
      { key: 'baseUrl', value: document.servers[0]?.url ?? 'http://127.0.0.1:8080' },
      { key: 'basicAuthUsername', value: 'admin' },
      { key: 'basicAuthPassword', value: '' },
      ...[...variables].map((key) => ({ key, value: '' })),
    ],
  };
}

interface Found {
  method: string;
  path: string;
  operation: Operation;
  flow: Flow;
}

function documented(document: OpenApiDocument, routes: readonly RouteRecord[]): Found[] {
  return routes.flatMap((route) => {
    const path = shownPath(route);
    const operation = document.paths[path]?.[route.method.toLowerCase()];
    if (operation === undefined || route.doc === undefined) return [];
    return [{ method: route.method, path, operation, flow: route.doc.flow ?? {} }];
  });
}

function requestItem({ method, path, operation }: Found, flow: Flow, name: string): unknown {
  const parameters = operation.parameters ?? [];
  const filled = path.replace(/\{(\w+)\}/g, (_all, parameter: string) => {
    const known = flow.path?.[parameter] ?? parameters.find((p) => p.in === 'path' && p.name === parameter)?.example;
    const text = String(known ?? parameter);
    return text.startsWith('{{') ? text : encodeURIComponent(text);
  });
  const query = parameters
    .filter((parameter) => parameter.in === 'query')
    .map((parameter) => ({
      key: parameter.name,
      value: String(flow.query?.[parameter.name] ?? parameter.example ?? ''),
      description: parameter.description ?? '',
      disabled: flow.query?.[parameter.name] === undefined,
    }));
  const active = query
    .filter((entry) => !entry.disabled)
    .map((entry) => `${entry.key}=${encodeURIComponent(entry.value)}`);
  const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const example = flow.body ?? media?.example;
  return {
    name,
    request: {
      method,
      description: operation.description ?? operation.summary,
      ...(operation.security?.length === 0 ? { auth: { type: 'noauth' } } : {}),
      header: [
        ...(type === undefined || example === undefined ? [] : [{ key: 'Content-Type', value: type }]),
        ...Object.entries(flow.headers ?? {}).map(([key, value]) => ({ key, value })),
      ],
      url: {
        raw: `{{baseUrl}}${filled}${active.length === 0 ? '' : `?${active.join('&')}`}`,
        host: ['{{baseUrl}}'],
        path: filled.split('/').slice(1),
        ...(query.length === 0 ? {} : { query }),
      },
      ...(example === undefined
        ? {}
        : {
            body: {
              mode: 'raw',
              raw: typeof example === 'string' ? example : JSON.stringify(example, null, 2),
              options: { raw: { language: type === 'application/json' ? 'json' : 'text' } },
            },
          }),
    },
    event: [
      ...(flow.needs === undefined
        ? []
        : [{ listen: 'prerequest', script: { type: 'text/javascript', exec: needScript(flow.needs) } }]),
      { listen: 'test', script: { type: 'text/javascript', exec: testScript(flow) } },
    ],
    response: [],
  };
}

function testScript(flow: Flow): string[] {
  const saves = Object.entries(flow.save ?? {}).map(
    ([variable, property]) =>
      `pm.collectionVariables.set(${JSON.stringify(variable)}, String(pm.response.json()[${JSON.stringify(property)}]));`,
  );
  return ["pm.test('it is answered', () => pm.expect(pm.response.code).to.be.within(200, 299));", ...saves];
}

const needScript = (needs: readonly string[]): string[] =>
  needs.map(
    (variable) =>
      `if (!pm.collectionVariables.get(${JSON.stringify(variable)})) pm.execution.skipRequest(); // set it first`,
  );
