import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { route } from '../../http/routes.ts';
import { choices } from './choices.ts';

const FmeVersion = z
  .object({
    buildNumber: z.int(),
    buildString: z.string(),
    releaseYear: z.int(),
    majorVersion: z.int(),
    minorVersion: z.int(),
    hotfixVersion: z.int(),
  })
  .meta({ id: 'FmeVersion' });

/** Operating system and processor as the original writes them. */
export const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

const { buildNumber, releaseYear, majorVersion, minorVersion, hotfixVersion } = choices.version;
const buildString = (system: string) => `FME Flow compatible server - Build ${buildNumber} - ${system}`;
const wire = (system: string) => ({
  buildNumber,
  buildString: buildString(system),
  releaseYear,
  majorVersion,
  minorVersion,
  hotfixVersion,
});

/** Which generation of the API clients may speak. */
export function addVersion(scope: FastifyInstance): void {
  route(scope, {
    method: 'GET',
    url: '/version',
    access: 'public',
    doc: {
      id: 'fmeGetVersion',
      tag: 'Info',
      summary: 'Version of the server',
      responses: { 200: { description: 'The version.', schema: FmeVersion, example: wire('linux-x64') } },
    },
    handler: (_request, reply) => reply.send(wire(platform)),
  });
}
