import { isJsonObject, type JsonObject } from '../../../model/json.ts';
import { followRef } from '../../../schema/index.ts';
import { type Kind, kindOf } from './kinds.ts';

/** One parameter of a workflow, in or out: a property of its input or output schema. */
export interface Parameter {
  /** Of the property. */
  name: string;
  /** As clients read and write it: with `x-knime-id` behind the name, such as `input-2` or `input-10:2`. */
  wireName: string;
  kind: Kind;
  schema: JsonObject;
  required: boolean;
  /** Its value is shown nowhere. */
  secret: boolean;
}

const known = new WeakMap<JsonObject, Parameter[]>();

/** The parameters of a schema in its order; none without one. */
export function parametersOf(schema: JsonObject | undefined): Parameter[] {
  if (schema === undefined) return [];
  const before = known.get(schema);
  if (before) return before;
  const { properties, required } = followRef(schema, schema);
  const needed = Array.isArray(required) ? required : [];
  const made = Object.entries(isJsonObject(properties) ? properties : {}).map(([name, property]): Parameter => {
    const own = followRef(isJsonObject(property) ? property : {}, schema);
    const id = own['x-knime-id'];
    return {
      name,
      wireName: typeof id === 'string' || typeof id === 'number' ? `${name}-${id}` : name,
      kind: kindOf(own),
      schema: own,
      required: needed.includes(name),
      secret: own['format'] === 'password' || own['writeOnly'] === true,
    };
  });
  known.set(schema, made);
  return made;
}

/** Whether a workflow takes names it does not declare: it declares none at all. */
export const takesAnything = (schema: JsonObject | undefined): boolean =>
  schema === undefined || (schema['properties'] === undefined && schema['additionalProperties'] !== false);
