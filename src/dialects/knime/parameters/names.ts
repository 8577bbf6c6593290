import { fail } from '../../../model/errors.ts';
import type { Parameter } from './parameters.ts';

/** `name-2`, `name-10:2` (reference section 10.2): the part before the id of the node. */
const qualified = /^(.+)-\d+(?::\d+)*$/;

const shortName = ({ wireName }: Parameter): string => qualified.exec(wireName)?.[1] ?? wireName;

/**
 * The parameter a client means: by the listed name, by the name of the property, or by the name without the id of its
 * node where only one has it. Throws in the words its clients look for (reference section 10.4).
 */
export function findParameter(parameters: readonly Parameter[], name: string): Parameter {
  const exact = parameters.find(({ wireName }) => wireName === name) ?? parameters.find((one) => one.name === name);
  if (exact) return exact;
  const short = parameters.filter((one) => shortName(one) === name);
  if (short.length === 1) return short[0]!;
  const valid = parameters.map(({ wireName }) => JSON.stringify(wireName)).join(', ');
  const message = `Parameter name "${name}" doesn't match any node in the workflow, valid parameter names are: [${valid}]`;
  throw fail('invalid-workflow-input', {
    status: 400,
    detail: message,
    errors: [{ pointer: name, in: 'input', message }],
  });
}
