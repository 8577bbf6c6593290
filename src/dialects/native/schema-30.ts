import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';

/** Keywords of JSON Schema 2020-12 that OpenAPI 3.0 has no word for; leaving one out only makes a schema wider. */
const unknown = new Set([
  '$schema',
  '$id',
  '$anchor',
  '$comment',
  '$dynamicRef',
  '$dynamicAnchor',
  '$vocabulary',
  '$defs',
  'definitions',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
  'dependencies',
  'propertyNames',
  'patternProperties',
  'contains',
  'minContains',
  'maxContains',
  'prefixItems',
  'unevaluatedItems',
  'unevaluatedProperties',
  'contentEncoding',
  'contentMediaType',
  'contentSchema',
  'examples',
  'const',
]);

/**
 * A JSON Schema 2020-12 as a schema object of OpenAPI 3.0.3, for tools that know nothing newer. References into
 * `$defs` are put in place, down to `depth` levels; a schema that refers to itself is cut off there.
 */
export function toSchema30(schema: Json, root: Json = schema, depth = 8): JsonObject {
  if (!isJsonObject(schema)) return schema === false ? { not: {} } : {};
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const target = depth > 0 ? lookUp(root, reference) : undefined;
    return target === undefined ? {} : toSchema30(target, root, depth - 1);
  }
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    if (unknown.has(key) || key === '$ref' || key === 'type') continue;
    if (key === 'exclusiveMinimum' || key === 'exclusiveMaximum') {
      result[key === 'exclusiveMinimum' ? 'minimum' : 'maximum'] = value;
      result[key] = true;
    } else if (key === 'properties' && isJsonObject(value)) {
      result[key] = Object.fromEntries(
        Object.entries(value).map(([name, child]) => [name, toSchema30(child, root, depth)]),
      );
    } else if (key === 'items' || key === 'not') {
      result[key] = toSchema30(value, root, depth);
    } else if (key === 'additionalProperties') {
      result[key] = typeof value === 'boolean' ? value : toSchema30(value, root, depth);
    } else if (key === 'allOf' || key === 'anyOf' || key === 'oneOf') {
      result[key] = Array.isArray(value) ? value.map((child) => toSchema30(child, root, depth)) : [];
    } else {
      result[key] = value;
    }
  }
  if (schema['const'] !== undefined) result['enum'] = [schema['const']];
  const { examples } = schema;
  if (Array.isArray(examples) && examples[0] !== undefined) result['example'] = examples[0];
  return withType(result, schema['type']);
}

/** 3.0 knows one type and `nullable`. */
function withType(schema: JsonObject, type: Json | undefined): JsonObject {
  if (typeof type === 'string' && type !== 'null') {
    // An array without `items` is not valid there.
    return { type, ...schema, ...(type === 'array' && schema['items'] === undefined ? { items: {} } : {}) };
  }
  if (!Array.isArray(type)) return schema;
  const types = type.filter((one) => one !== 'null');
  const nullable = types.length < type.length ? { nullable: true } : {};
  if (types.length === 1) return withType({ ...schema, ...nullable }, types[0]);
  return { ...schema, anyOf: types.map((one) => withType({ ...nullable }, one)) };
}

function lookUp(root: Json, reference: string): Json | undefined {
  if (!reference.startsWith('#')) return undefined;
  let current: Json | undefined = root;
  for (const part of reference.slice(1).split('/').slice(1)) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    current = isJsonObject(current) && Object.hasOwn(current, name) ? current[name] : undefined;
  }
  return current;
}
