import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { caller } from '../../../http/access.ts';
import { route } from '../../../http/routes.ts';
import { choices } from '../choices.ts';
import { type EngineView, listEngines, registrationOf } from '../engines.ts';
import { single } from '../fields.ts';
import { unpaged } from '../paging.ts';
import { platform } from '../version.ts';

const FmeV3Engine = z
  .object({
    hostName: z.string(),
    instanceName: z.string(),
    assignedQueues: z.array(z.string()),
    engineManagerNodeName: z.string(),
    registrationProperties: z.array(z.string()),
    type: z.literal('STANDARD'),
    buildNumber: z.int(),
    platform: z.string(),
    transactionPort: z.int(),
    currentJobID: z.int().meta({ description: '-1 when idle.' }),
    resultSuccessCount: z.int(),
    resultFailureCount: z.int(),
    maxTransactionResultSuccess: z.int(),
    maxTransactionResultFailure: z.int(),
    assignedStreams: z.array(z.string()),
  })
  .meta({ id: 'FmeV3Engine', description: 'A place for a run. What it has run is not counted for each.' });
const FmeV3Engines = z
  .object({ offset: z.int(), limit: z.int(), totalCount: z.int(), items: z.array(FmeV3Engine) })
  .meta({ id: 'FmeV3Engines', description: 'The whole list; it has no pages.' });

const wire = ({ name, host, job }: EngineView, queues: readonly string[], system: string) => ({
  hostName: host,
  instanceName: name,
  assignedQueues: queues,
  engineManagerNodeName: host,
  registrationProperties: registrationOf(host, system),
  type: 'STANDARD',
  buildNumber: choices.version.buildNumber,
  platform: system,
  transactionPort: -1,
  currentJobID: job,
  resultSuccessCount: 0,
  resultFailureCount: 0,
  maxTransactionResultSuccess: 0,
  maxTransactionResultFailure: 0,
  assignedStreams: [],
});
const example = wire({ name: 'engine-host-1_4711_Engine1', host: 'engine-host-1', job: 46 }, ['Default'], 'linux-x64');

/** Engines as scripts that mix the generations read them (reference section 6.3). */
export function addV3Engines(scope: FastifyInstance, context: DialectContext): void {
  route(scope, {
    method: 'GET',
    url: '/transformations/engines',
    access: { scope: 'admin', roles: ['admin', 'operator'] },
    query: z.object({ queue: single('Only engines that serve this queue.', 'Default') }),
    doc: {
      id: 'fmeV3ListEngines',
      tag: 'V3 Server',
      summary: 'V3: list engines',
      responses: {
        200: {
          description: 'All of them.',
          schema: FmeV3Engines,
          example: unpaged([example]),
        },
      },
    },
    handler: async (request, reply) => {
      const { queue } = request.query;
      const { engines, queues } = await listEngines(context, caller(request));
      const serving = queue === undefined || queues.includes(queue) ? engines : [];
      return reply.send(unpaged(serving.map((engine) => wire(engine, queues, platform))));
    },
  });
}
