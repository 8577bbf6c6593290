import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../dialect.ts';
import { caller } from '../../http/access.ts';
import { route } from '../../http/routes.ts';
import { fail } from '../../model/errors.ts';
import { engineHostWire, engineWire, listEngines } from './engines.ts';
import { neededWhole } from './fields.ts';
import { messages } from './messages.ts';
import { unpaged } from './paging.ts';

const host = { physicalMemory: z.int(), processorCount: z.int() };
const FmeEngine = z
  .object({
    name: z.string(),
    hostname: z.string(),
    engineManagerHostname: z.string(),
    platform: z.string(),
    buildNumber: z.int(),
    type: z.literal('standard'),
    state: z.enum(['idle', 'running_job']),
    currentJobID: z.int().meta({ description: '-1 when idle.' }),
    assignedQueues: z.array(z.string()),
    registrationProperties: z.array(z.string()),
    hostProperties: z.object(host),
  })
  .meta({ id: 'FmeEngine', description: 'A place for a run.' });
const FmeEngines = z
  .object({ offset: z.int(), limit: z.int(), totalCount: z.int(), items: z.array(FmeEngine) })
  .meta({ id: 'FmeEngines', description: 'The whole list; it has no pages.' });
const FmeEngineHost = z
  .object({
    hostname: z.string(),
    engineManagerHostname: z.string(),
    platform: z.string(),
    buildNumber: z.int(),
    engineCount: z.int(),
    hostProperties: z.object(host),
  })
  .meta({ id: 'FmeEngineHost', description: 'A server with engines.' });
const FmeEngineHosts = z
  .object({ offset: z.int(), limit: z.int(), totalCount: z.int(), items: z.array(FmeEngineHost) })
  .meta({ id: 'FmeEngineHosts' });
const FmeScale = z
  .object({
    numEngines: neededWhole({ min: 1, max: 10_000 }, { description: 'How many engines there shall be.', example: 4 }),
    type: z
      .preprocess(
        (value) => (typeof value === 'string' ? value.toLowerCase() : value),
        z.enum(['standard', 'dynamic']).optional(),
      )
      .meta({ description: 'All are alike here.', example: 'standard' }),
  })
  .meta({ id: 'FmeScale' });

const exampleHost = {
  hostname: 'engine-host-1',
  engineManagerHostname: 'engine-host-1',
  platform: 'linux-x64',
  buildNumber: 26_100,
  engineCount: 128,
  hostProperties: { physicalMemory: 34_359_738_368, processorCount: 8 },
};
const exampleEngine = {
  name: 'engine-host-1_4711_Engine1',
  hostname: 'engine-host-1',
  engineManagerHostname: 'engine-host-1',
  platform: 'linux-x64',
  buildNumber: 26_100,
  type: 'standard',
  state: 'running_job',
  currentJobID: 46,
  assignedQueues: ['Default'],
  registrationProperties: ['Standard', 'engine-host-1', 'engine-host-1', '26100', 'linux-x64'],
  hostProperties: { physicalMemory: 34_359_738_368, processorCount: 8 },
};
const tag = 'Engines';
const access = { scope: 'admin', roles: ['admin', 'operator'] } as const;

/** Engines and their hosts (reference section 6.3). */
export function addEngines(scope: FastifyInstance, context: DialectContext): void {
  route(scope, {
    method: 'GET',
    url: '/engines',
    access,
    doc: {
      id: 'fmeListEngines',
      tag,
      summary: 'List engines',
      responses: { 200: { description: 'All of them.', schema: FmeEngines, example: unpaged([exampleEngine]) } },
    },
    handler: async (request, reply) => {
      const { engines, queues } = await listEngines(context, caller(request));
      return reply.send(unpaged(engines.map((one) => engineWire(one, queues))));
    },
  });

  route(scope, {
    method: 'GET',
    url: '/enginehosts',
    access,
    doc: {
      id: 'fmeListEngineHosts',
      tag,
      summary: 'List servers with engines',
      responses: { 200: { description: 'All of them.', schema: FmeEngineHosts, example: unpaged([exampleHost]) } },
    },
    handler: async (request, reply) =>
      reply.send(unpaged([engineHostWire(await listEngines(context, caller(request)))])),
  });

  route(scope, {
    method: 'POST',
    url: '/enginehosts/:host/engines/scale',
    access,
    params: z.object({
      host: z.string().min(1).max(255).meta({ description: 'Name of the host.', example: 'flow-1' }),
    }),
    body: FmeScale,
    doc: {
      id: 'fmeScaleEngines',
      tag,
      summary: 'Change the number of engines',
      description:
        'At once and until the server ends; what runs runs on. The settings `workers` and `slots` say it for good.',
      requestBody: {
        content: { 'application/json': { schema: FmeScale, example: { numEngines: 4, type: 'standard' } } },
      },
      responses: { 202: { description: 'It is changed.', schema: FmeEngineHost, example: exampleHost } },
      errors: ['not-found'],
    },
    handler: async (request, reply) => {
      const principal = caller(request);
      const { host } = await listEngines(context, principal);
      if (request.params.host !== host) throw fail('not-found', messages.noEngineHost(request.params.host));
      await context.engine.workers.resize(principal, request.body.numEngines);
      return reply.code(202).send(engineHostWire(await listEngines(context, principal)));
    },
  });
}
