import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import { asText } from '../template.ts';

/** How lists are joined in OpenAPI 2.0 (`collectionFormat`). */
const separators: Record<string, string> = { csv: ',', ssv: ' ', tsv: '\t', pipes: '|' };

/** A value within a path or a header: list items and object members joined with commas (style `simple`). */
export function simple(value: Json, encode: (text: string) => string = (text) => text): string {
  if (Array.isArray(value)) return value.map((item) => encode(asText(item))).join(',');
  if (!isJsonObject(value)) return encode(asText(value));
  return Object.entries(value)
    .flatMap(([name, item]) => [encode(name), encode(asText(item))])
    .join(',');
}

/** A query parameter as names and values, by its style (OpenAPI 3) or collection format (OpenAPI 2.0). */
export function queryPairs(parameter: JsonObject, name: string, value: Json, old: boolean): [string, string][] {
  if (Array.isArray(value)) return listPairs(parameter, name, value, old);
  if (!isJsonObject(value)) return [[name, asText(value)]];
  if (parameter['style'] === 'deepObject') {
    return Object.entries(value).map(([key, item]) => [`${name}[${key}]`, asText(item)]);
  }
  if (parameter['explode'] === false) return [[name, simple(value)]];
  return Object.entries(value).map(([key, item]) => [key, asText(item)]);
}

function listPairs(parameter: JsonObject, name: string, value: Json[], old: boolean): [string, string][] {
  const items = value.map(asText);
  if (old) {
    const format = typeof parameter['collectionFormat'] === 'string' ? parameter['collectionFormat'] : 'csv';
    return format === 'multi' ? items.map((item) => [name, item]) : [[name, items.join(separators[format] ?? ',')]];
  }
  const style = parameter['style'] ?? 'form';
  if (style === 'spaceDelimited') return [[name, items.join(' ')]];
  if (style === 'pipeDelimited') return [[name, items.join('|')]];
  return parameter['explode'] === false ? [[name, items.join(',')]] : items.map((item) => [name, item]);
}
