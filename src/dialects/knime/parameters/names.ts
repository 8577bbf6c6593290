import { fail } from '../../../model/errors.ts';
import type { Parameter } from './parameters.ts';

/** `name-2`, `name-10:2` (reference section 10.2): the part before the id of the node. */
const qualified = /^(.+)-\d+(?::\d+)*$/;

const shortName = ({ wireName }: Parameter): string => qualified.exec(wireName)?.[1] ?? wireName;

/**
 * The parameter a client means: by the listed name, by the name of the property, or by the name without the id of its
 * node where only one has it.
 */
export function knownParameter(parameters: readonly Parameter[], name: string): Parameter | undefined {
  const exact = parameters.find(({ wireName }) => wireName === name) ?? parameters.find((one) => one.name === name);
  if (exact) return exact;
  const short = parameters.filter((one) => shortName(one) === name);
  return short.length === 1 ? short[0] : undefined;
}

/** The same; throws for a name that means none, in the words its clients look for (reference section 10.4). */
export function findParameter(parameters: readonly Parameter[], name: string): Parameter {
  const known = knownParameter(parameters, name);
  if (known) return known;
  const valid = parameters.map(({ wireName }) => JSON.stringify(wireName)).join(', ');
  const message = `Parameter name "${name}" doesn't match any node in the workflow, valid parameter names are: [${valid}]`;
  throw fail('invalid-workflow-input', {
    status: 400,
    detail: message,
    errors: [{ pointer: name, in: 'input', message }],
  });
}
