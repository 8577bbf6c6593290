import type { FastifyInstance } from 'fastify';
import { Gauge, Histogram, type Registry } from 'prom-client';

type Timer = (seconds: number) => void;

/** Times every request under its route template, never under its path: what clients make up must not become labels. */
export function measureRequests(fastify: FastifyInstance, registry: Registry, streams: () => number): void {
  const histogram = new Histogram({
    name: 'millrace_http_request_duration_seconds',
    help: 'Time from the request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 30],
    registers: [registry],
  });
  new Gauge({
    name: 'millrace_http_streams',
    help: 'Open event streams',
    registers: [registry],
    collect() {
      this.set(streams());
    },
  });
  const timers = new Map<string, Timer>();
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const key = `${request.method} ${route} ${reply.statusCode}`;
    let timer = timers.get(key);
    if (timer === undefined) {
      const child = histogram.labels({ method: request.method, route, status: String(reply.statusCode) });
      timer = (seconds) => child.observe(seconds);
      timers.set(key, timer);
    }
    timer(reply.elapsedTime / 1000);
    done();
  });
}
