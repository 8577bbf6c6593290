import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { route } from '../../http/routes.ts';
import { fail } from '../../model/errors.ts';
import { parameterWire } from './parameter-wire.ts';
import { type Parameter, parametersOf } from './parameters.ts';
import { findWorkspace } from './workspaces.ts';

const FmeParameter = z
  .looseObject({
    type: z.string().meta({ description: 'Kind of control.' }),
    name: z.string().meta({ description: 'Key in `publishedParameters`.' }),
    prompt: z.string().meta({ description: 'Label.' }),
    description: z.string().optional(),
    required: z.boolean(),
    valueType: z.string().optional(),
    showPrompt: z.boolean().optional(),
    defaultValue: z.any().optional(),
  })
  .meta({ id: 'FmeParameter', description: 'A published parameter; further members depend on its kind.' });

const example = {
  type: 'listbox',
  name: 'location',
  prompt: 'Locations',
  required: true,
  valueType: 'string',
  showPrompt: true,
  choiceSettings: { choices: [{ display: 'Burnaby', value: 'Burnaby' }] },
};

export const workspaceParams = z.object({
  repository: z.string().min(1).max(1024).meta({ description: 'Name of the repository.', example: 'Tutorials' }),
  workspace: z.string().min(1).max(1024).meta({ description: 'Name of the workspace.', example: '10seconds.fmw' }),
});

/** The published parameters of a workspace. */
export function addWorkspaceParameters(scope: FastifyInstance, context: DialectContext): void {
  const common = { method: 'GET', access: { scope: 'workflows:read' } } as const;
  const tag = 'Workspaces';
  const read = async (request: Parameters<typeof caller>[0], name: z.output<typeof workspaceParams>) =>
    parametersOf((await findWorkspace(context, caller(request), name)).current?.info.inputSchema);

  route(scope, {
    ...common,
    url: '/workspaces/:repository/:workspace/parameters',
    params: workspaceParams,
    doc: {
      id: 'fmeListParameters',
      tag,
      summary: 'Published parameters of a workspace',
      responses: { 200: { description: 'A bare list.', schema: z.array(FmeParameter), example: [example] } },
      errors: ['not-found'],
    },
    handler: async (request, reply) => reply.send((await read(request, request.params)).map(parameterWire)),
  });

  route(scope, {
    ...common,
    url: '/workspaces/:repository/:workspace/parameters/:name',
    params: workspaceParams.extend({
      name: z.string().min(1).max(1024).meta({ description: 'Name of the parameter.', example: 'location' }),
    }),
    doc: {
      id: 'fmeGetParameter',
      tag,
      summary: 'One published parameter',
      responses: { 200: { description: 'The parameter.', schema: FmeParameter, example } },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const { name } = request.params;
      const parameter = everyOne(await read(request, request.params)).find((one) => one.name === name);
      if (parameter === undefined) throw fail('not-found', `Parameter ${name} does not exist.`);
      return reply.send(parameterWire(parameter));
    },
  });
}

const everyOne = (parameters: readonly Parameter[]): Parameter[] =>
  parameters.flatMap((parameter) => [parameter, ...everyOne(parameter.members)]);
