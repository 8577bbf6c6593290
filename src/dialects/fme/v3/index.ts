import type { FastifyInstance } from 'fastify';
import type { Dialect, DialectContext } from '../../../dialect.ts';
import { addV3Info } from './info.ts';

/** Groups of the operations of V3, which stand in one document with those of V4. */
export const v3Tags: Dialect['tags'] = [
  { name: 'V3 Server', description: 'V3: health, build and engines of the server.' },
];

/** The operations of FME Flow's REST API V3 that clients still call, one noun a file. */
export function addV3(scope: FastifyInstance, context: DialectContext): void {
  addV3Info(scope, context);
}
