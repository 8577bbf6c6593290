// The yardstick: what the same framework does with the same body and a compiled schema, and nothing behind it.
import Fastify from 'fastify';

const fastify = Fastify();
const body = {
  type: 'object',
  properties: { workflow: { type: 'string' }, input: { type: 'object', additionalProperties: true } },
  required: ['workflow', 'input'],
};
fastify.get('/', async () => ({ ok: true }));
fastify.post('/', { schema: { body, response: { 200: body } } }, async (request) => request.body);
await fastify.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
process.on('SIGTERM', () => process.exit(0));
