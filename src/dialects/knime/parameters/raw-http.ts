import { isJsonObject, type Json } from '../../../model/json.ts';
import { plainNumbers } from './exact-json.ts';
import { shownValue, ValueError } from './parameter-error.ts';

/** What a raw HTTP input node is given beside the body: `{"headers":{…},"query_parameters":{…}}`, each name to text. */
export function readRawHttp(value: Json): Json {
  if (!isJsonObject(value)) {
    throw new ValueError(`accepted is {"headers":{…},"query_parameters":{…}}; found ${shownValue(value)}.`);
  }
  for (const name of ['headers', 'query_parameters']) {
    const texts = value[name];
    const fits = isJsonObject(texts) && Object.values(texts).every((text) => typeof text === 'string');
    if (texts !== undefined && !fits) {
      throw new ValueError(`"${name}" must be an object of texts; found ${shownValue(texts)}.`);
    }
  }
  return plainNumbers(value);
}
