import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';

/** A server whose answers are held against its document (OpenAPI 3.1, so that JSON Schema 2020-12 can judge). */
export interface Documented {
  // biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document, walked by hand
  document: any;
}

const validators = new WeakMap<object, Ajv2020>();

function validatorOf(document: object): Ajv2020 {
  let ajv = validators.get(document);
  if (ajv === undefined) {
    ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    ajv.addSchema(document, 'doc');
    validators.set(document, ajv);
  }
  return ajv;
}

/** Path template of a document that a request path belongs to: the most exact one. */
export function templateOf(document: Documented['document'], method: string, path: string): string | undefined {
  const base = new URL(document.servers?.[0]?.url ?? 'http://localhost').pathname.replace(/\/$/, '');
  const whole = path.split('?', 1)[0] ?? '';
  if (!whole.startsWith(base)) return undefined;
  const plain = whole.slice(base.length);
  const fits = Object.keys(document.paths).filter((template) => {
    if (document.paths[template][method.toLowerCase()] === undefined) return false;
    const pattern = template
      .replace(/[.*+?^$()|[\]\\]/g, '\\$&')
      .replace(/\{path\}|\{name\}$/g, '.+')
      .replace(/\{\w+\}/g, '[^/]+');
    return new RegExp(`^${pattern}$`).test(plain);
  });
  // A verb at the end is more exact than a path that runs to the end.
  return fits.sort((a, b) => b.replace(/\{\w+\}/g, '').length - a.replace(/\{\w+\}/g, '').length)[0];
}

/** Fails unless the document knows this operation, this status, this content type and this body. */
export function checkAnswer(
  { document }: Documented,
  method: string,
  path: string,
  response: Response,
  json: unknown,
): void {
  const template = templateOf(document, method, path);
  // Addresses outside the document answer 404, 405, 400 or 421 by the rules of the server.
  if (template === undefined) return;
  const operation = document.paths[template][method.toLowerCase()];
  const where = `${method} ${template} ${response.status}`;
  const written = operation.responses[String(response.status)];
  expect(written, `${where} is not in the document`).toBeDefined();
  const name = written.$ref?.split('/').at(-1);
  const answer = name === undefined ? written : document.components.responses[name];
  const type = response.headers.get('content-type')?.split(';', 1)[0];
  if (answer.content === undefined) return;
  const known = Object.keys(answer.content);
  if (known.includes('application/octet-stream')) return;
  expect(known, `${where}: content type`).toContain(type);
  const schema = answer.content[type!].schema;
  if (json === undefined || schema === undefined) return;
  const pointer =
    name === undefined
      ? `doc#/paths/${pointerPart(template)}/${method.toLowerCase()}/responses/${response.status}/content/${pointerPart(type!)}/schema`
      : `doc#/components/responses/${name}/content/${pointerPart(type!)}/schema`;
  const ajv = validatorOf(document);
  const validate = ajv.getSchema(pointer) ?? ajv.compile({ $ref: pointer });
  const fits = validate(json);
  expect(fits ? '' : ajv.errorsText(validate.errors), `${where}: ${JSON.stringify(json).slice(0, 400)}`).toBe('');
}

const pointerPart = (part: string): string => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
