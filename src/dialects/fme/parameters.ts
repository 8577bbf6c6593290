import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import { followRef } from '../../schema/index.ts';
import { type Kind, kindOf } from './parameter-kinds.ts';

/** One published parameter, from a property of the workflow's input schema. */
export interface Parameter {
  name: string;
  kind: Kind;
  schema: JsonObject;
  required: boolean;
  /** Names from the input down to its value: groups are objects within it, to clients their members stand beside all others. */
  path: string[];
  /** Of a group. */
  members: Parameter[];
}

/** The parameters of a workflow in the order of its schema; groups hold theirs. */
export function parametersOf(schema: JsonObject | undefined): Parameter[] {
  return schema === undefined ? [] : within(followRef(schema, schema), schema, []);
}

function within(schema: JsonObject, root: JsonObject, above: string[]): Parameter[] {
  const { properties, required } = schema;
  if (!isJsonObject(properties)) return [];
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(properties).map(([name, property]) => {
    const own = followRef(isJsonObject(property) ? property : {}, root);
    const kind = kindOf(own);
    const path = [...above, name];
    return {
      name,
      kind,
      schema: own,
      required: kind !== 'group' && kind !== 'message' && needed.includes(name),
      path,
      members: kind === 'group' ? within(own, root, path) : [],
    };
  });
}

/** Every parameter that has a value: groups opened, messages left out. */
export const withValues = (parameters: readonly Parameter[]): Parameter[] =>
  parameters.flatMap((parameter) =>
    parameter.kind === 'group' ? withValues(parameter.members) : parameter.kind === 'message' ? [] : [parameter],
  );

/** An input as clients know it: the members of groups beside all others. */
export function flattened(input: Json, parameters: readonly Parameter[]): Record<string, Json> {
  if (!isJsonObject(input)) return {};
  const groups = new Map(parameters.filter(({ kind }) => kind === 'group').map((group) => [group.name, group]));
  const flat: Record<string, Json> = {};
  for (const [name, value] of Object.entries(input)) {
    const group = groups.get(name);
    Object.assign(flat, group === undefined ? { [name]: value } : flattened(value, group.members));
  }
  return flat;
}

const partsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

/** What stands in an input at a JSON pointer. */
export function valueAt(input: Json, pointer: string): Json | undefined {
  let value: Json | undefined = input;
  for (const part of partsOf(pointer)) {
    if (Array.isArray(value)) value = value[Number(part)];
    else value = isJsonObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  }
  return value;
}

/** The parameter a JSON pointer leads to or into; for a place that is none, the first name of the pointer. */
export function fieldOf(parameters: readonly Parameter[], pointer: string): string {
  const parts = partsOf(pointer);
  const found = withValues(parameters).find(({ path }) => path.every((name, at) => parts[at] === name));
  return found?.name ?? parts.at(-1) ?? 'publishedParameters';
}
