import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Engine } from '../../engine/engine.ts';
import { isBlob, type Payload } from '../../model/payload.ts';

/**
 * Answers an object with a payload as its last member. The payload is JSON text already and is put in as it is: a short
 * one without being parsed, a long one without ever being whole in memory.
 */
export async function sendWithPayload(
  reply: FastifyReply,
  engine: Engine,
  head: Record<string, unknown>,
  member: string,
  payload: Payload,
): Promise<FastifyReply> {
  const begin = `${JSON.stringify(head).slice(0, -1)},${JSON.stringify(member)}:`;
  reply.type('application/json; charset=utf-8');
  if (!isBlob(payload)) return reply.send(`${begin}${payload.json}}`);
  const { bytes, stream } = await engine.jobs.openPayload(payload);
  async function* body() {
    yield Buffer.from(begin);
    yield* stream();
    yield Buffer.from('}');
  }
  reply.header('content-length', Buffer.byteLength(begin) + bytes + 1);
  return reply.send(Readable.from(body(), { objectMode: false }));
}

/** Answers the payload alone: what it returns is for the handler to return. */
export function sendPayload(reply: FastifyReply, engine: Engine, payload: Payload): string | Promise<FastifyReply> {
  reply.type('application/json; charset=utf-8');
  return isBlob(payload) ? sendLong(reply, engine, payload) : payload.json;
}

async function sendLong(reply: FastifyReply, engine: Engine, payload: Payload): Promise<FastifyReply> {
  const { bytes, stream } = await engine.jobs.openPayload(payload);
  return reply.header('content-length', bytes).send(Readable.from(stream(), { objectMode: false }));
}
