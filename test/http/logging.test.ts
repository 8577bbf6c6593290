import { Writable } from 'node:stream';
import Fastify, { LogController } from 'fastify';
import pino from 'pino';
import { expect, it } from 'vitest';
import { withLazyGrandchildren } from '../../src/http/logging.ts';

it('makes a logger for a request with its first line and not before', async () => {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Record<string, unknown>);
      done();
    },
  });
  let made = 0;
  const log = pino({ level: 'info', onChild: () => void made++ }, sink);
  const fastify = Fastify({
    loggerInstance: withLazyGrandchildren(log),
    logController: new LogController({ disableRequestLogging: true }),
  });
  fastify.get('/quiet', async ({ log }) => {
    log.debug('nothing');
    return 'ok';
  });
  fastify.get('/loud', async ({ log, id }) => {
    log.info({ more: 1 }, 'said');
    log.child({ deeper: true }).warn('said too');
    return id;
  });
  await fastify.ready();
  const before = made;
  for (let n = 0; n < 5; n++) await fastify.inject('/quiet');
  expect(made).toBe(before);
  const { body } = await fastify.inject('/loud');
  expect(made).toBe(before + 2);
  expect(lines).toMatchObject([
    { level: 30, reqId: body, more: 1, msg: 'said' },
    { level: 40, reqId: body, deeper: true, msg: 'said too' },
  ]);
  await fastify.close();
});
