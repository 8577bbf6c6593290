import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { DialectContext } from '../../../dialect.ts';
import { route } from '../../../http/routes.ts';
import { choices } from '../choices.ts';
import { platform } from '../version.ts';

const FmeV3Info = z
  .object({
    currentTime: z.string().meta({ format: 'date-time' }),
    licenseManagement: z.boolean(),
    build: z.string().meta({ description: 'Clients read the number behind `Build`.' }),
    timeZone: z.string(),
    version: z.string(),
  })
  .meta({ id: 'FmeV3Info' });

const { buildNumber, releaseYear, majorVersion } = choices.version;

const wire = (at: number, system: string) => ({
  currentTime: new Date(at).toISOString(),
  licenseManagement: false,
  build: `FME Flow ${releaseYear}.${majorVersion} - Build ${buildNumber} - ${system}`,
  timeZone: '+0000',
  version: 'FME Flow',
});

/** What the server is, for clients that ask before they choose a generation of the API (reference section 6.1). */
export function addV3Info(scope: FastifyInstance, { clock }: DialectContext): void {
  route(scope, {
    method: 'GET',
    url: '/info',
    access: 'signed-in',
    doc: {
      id: 'fmeV3GetInfo',
      tag: 'V3 Server',
      summary: 'Build and time of the server',
      responses: {
        200: {
          description: 'What it is.',
          schema: FmeV3Info,
          example: wire(Date.UTC(2026, 0, 15, 9, 30), 'linux-x64'),
        },
      },
    },
    handler: (_request, reply) => reply.send(wire(clock(), platform)),
  });
}
