import { once } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EventStream } from '../dialect.ts';

/** After a drain or a lost connection a browser comes back after so many milliseconds. */
const RETRY_MS = 3_000;

export interface Streams {
  open(request: FastifyRequest, reply: FastifyReply): EventStream;
  /** Ends all streams, telling clients when to come back. */
  endAll(): void;
  count(): number;
}

/**
 * Server-sent events (WHATWG HTML, 9.2) on a hijacked reply: a comment every `pingMs` so that dead peers are noticed,
 * back-pressure handed to the sender, and an end as soon as `stillValid` says that the credential no longer holds.
 */
export function createStreams(options: {
  pingMs: number;
  recheckMs: number;
  stillValid(request: FastifyRequest, reply: FastifyReply): Promise<boolean>;
}): Streams {
  const all = new Set<EventStream>();

  function open(request: FastifyRequest, reply: FastifyReply): EventStream {
    reply.hijack();
    const { raw } = reply;
    const over = new AbortController();
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.write(`retry: ${RETRY_MS}\n\n`);
    const ping = setInterval(() => raw.write(': ping\n\n'), options.pingMs);
    let checking = false;
    const recheck = setInterval(() => {
      if (checking) return;
      checking = true;
      options
        .stillValid(request, reply)
        .then(
          (valid) => {
            if (!valid) stream.end();
          },
          () => undefined,
        )
        .finally(() => {
          checking = false;
        });
    }, options.recheckMs);
    const close = () => {
      clearInterval(ping);
      clearInterval(recheck);
      all.delete(stream);
      over.abort();
    };
    raw.on('close', close);
    raw.on('error', close);
    const lastEventId = request.headers['last-event-id'];
    const stream: EventStream = {
      ...(typeof lastEventId === 'string' && lastEventId !== '' ? { lastEventId } : {}),
      signal: over.signal,
      async send({ event, id, data }) {
        if (over.signal.aborted) return;
        const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
        const head = `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}`;
        if (raw.write(`${head}${lines.join('')}\n`)) return;
        // An abort ends the wait for a reader that has gone.
        await once(raw, 'drain', { signal: over.signal }).catch(() => undefined);
      },
      end() {
        if (!raw.writableEnded) raw.end();
        close();
      },
    };
    all.add(stream);
    return stream;
  }

  return {
    open,
    endAll() {
      for (const stream of all) stream.end();
    },
    count: () => all.size,
  };
}
