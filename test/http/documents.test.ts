import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generateDocuments } from '../../scripts/openapi.ts';

const documents = await generateDocuments();
// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document, walked by hand
const read = (name: string): any => JSON.parse(documents.get(name)!);

describe('the generated documents', () => {
  it.each([...documents.keys()])('openapi/%s is what the code makes', (name) => {
    expect(readFileSync(new URL(`../../openapi/${name}`, import.meta.url), 'utf8') === documents.get(name)).toBe(true);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document, walked by hand
const operations: [string, any][] = Object.entries<Record<string, any>>(read('openapi.json').paths).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, unknown] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
);

describe('every operation', () => {
  it.each(operations)('%s has summary, tag, id, examples in and out, and its errors', (_name, operation) => {
    expect(operation.operationId).toMatch(/^[a-z][A-Za-z0-9_]+$/);
    expect(operation.summary.length).toBeGreaterThan(5);
    expect(operation.tags).toHaveLength(1);
    for (const parameter of operation.parameters ?? []) {
      expect(parameter.description, parameter.name).toBeTruthy();
      expect(parameter.example, parameter.name).toBeDefined();
    }
    const [first] = Object.values<{ example?: unknown }>(operation.requestBody?.content ?? {});
    if (first !== undefined) expect(first.example).toBeDefined();
    // biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document, walked by hand
    for (const [status, answer] of Object.entries<any>(operation.responses)) {
      if (answer.$ref !== undefined) {
        const component = read('openapi.json').components.responses[answer.$ref.split('/').at(-1)];
        const media = component.content['application/problem+json'];
        expect(media.example ?? media.examples, status).toBeDefined();
      } else if (answer.content !== undefined) {
        const media = Object.entries<{ example?: unknown }>(answer.content);
        const [type, { example }] = media[0]!;
        if (type !== 'application/octet-stream') expect(example, status).toBeDefined();
      }
    }
    const statuses = Object.keys(operation.responses);
    expect(statuses).toEqual(expect.arrayContaining(['421', '500', '503']));
    if (operation.security === undefined) expect(statuses).toEqual(expect.arrayContaining(['401', '403', '429']));
    if (operation.requestBody !== undefined) expect(statuses).toEqual(expect.arrayContaining(['400', '413', '415']));
  });

  it('has an id of its own and stands in the ready-made collection', () => {
    const ids = operations.map(([, operation]) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const names = new Set<string>();
    const walk = (items: { name: string; item?: [] }[]): void => {
      for (const item of items) item.item ? walk(item.item) : names.add(item.name);
    };
    walk(read('postman.json').item);
    for (const [, operation] of operations) expect(names).toContain(operation.summary);
  });
});
