import { isJsonObject, type Json } from '../../../model/json.ts';
import { typesOf } from './kinds.ts';

/**
 * A value in which `"true"` and `"false"` are truths wherever its schema wants one: descriptions of workflows give the
 * defaults of truths as text (reference section 12), and importers of such a description send them back like that.
 */
export function readTruths(value: Json, schema: Json | undefined): Json {
  if (!isJsonObject(schema)) return value;
  if (value === 'true' || value === 'false') {
    const types = typesOf(schema);
    return types.includes('boolean') && !types.includes('string') ? value === 'true' : value;
  }
  if (Array.isArray(value)) return value.map((item) => readTruths(item, schema['items']));
  if (!isJsonObject(value)) return value;
  const { properties, additionalProperties } = schema;
  const members = isJsonObject(properties) ? properties : {};
  const schemaOf = (name: string) => (Object.hasOwn(members, name) ? members[name] : additionalProperties);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, readTruths(item, schemaOf(name))]));
}
