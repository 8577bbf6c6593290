import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Gauge, type Histogram, type Registry } from 'prom-client';

/** Upper bounds in seconds. */
const BUCKETS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 30];

/** Counts of one route and status. */
interface Tally {
  labels: { method: string; route: string; status: string };
  /** Requests by bucket, the last for those above all bounds. */
  counts: number[];
  sum: number;
}

export interface RequestTimes {
  /** Measures every route that is added to `fastify` from now on. */
  measure(fastify: FastifyInstance): void;
  /** What no route takes is measured by who answers it. */
  unknown(request: FastifyRequest, reply: FastifyReply): void;
}

const NAME = 'millrace_http_request_duration_seconds';

/**
 * Times every request under its route template, never under its path: what clients make up must not become labels. The
 * counts are plain numbers of our own, put into the form of a histogram when they are asked for: observing each request
 * in the library's costs as much as routing it.
 */
export function createRequestTimes(registry: Registry, streams: () => number): RequestTimes {
  const tallies = new Map<string, Tally>();
  const durations = {
    name: NAME,
    async get() {
      return {
        name: NAME,
        help: 'Time from the request to the end of its answer',
        type: 'histogram',
        aggregator: 'sum',
        values: [...tallies.values()].flatMap(samples),
      };
    },
  };
  registry.registerMetric(durations as unknown as Histogram);
  new Gauge({
    name: 'millrace_http_streams',
    help: 'Open event streams',
    registers: [registry],
    collect() {
      this.set(streams());
    },
  });
  const count = (method: string, route: string, { statusCode, elapsedTime }: FastifyReply): void => {
    const key = `${method} ${route} ${statusCode}`;
    let tally = tallies.get(key);
    if (tally === undefined) {
      const labels = { method, route, status: String(statusCode) };
      tally = { labels, counts: new Array<number>(BUCKETS.length + 1).fill(0), sum: 0 };
      tallies.set(key, tally);
    }
    const seconds = elapsedTime / 1000;
    let bucket = 0;
    while (bucket < BUCKETS.length && seconds > BUCKETS[bucket]!) bucket++;
    tally.counts[bucket]! += 1;
    tally.sum += seconds;
  };
  function measure(fastify: FastifyInstance): void {
    // Hooks of each route, which know its template: asking a request for it puts together all that its route has.
    fastify.addHook('onRoute', (options) => {
      const { url } = options;
      options.onResponse = [options.onResponse ?? []].flat();
      options.onResponse.push((request, reply, done) => {
        count(request.method, url, reply);
        done();
      });
    });
  }
  return { measure, unknown: (request, reply) => count(request.method, 'unknown', reply) };
}

/** One tally as the lines of a histogram: buckets that each count everything below them, sum and count. */
function samples({ labels, counts, sum }: Tally) {
  let count = 0;
  const buckets = [...BUCKETS, '+Inf'].map((le, index) => {
    count += counts[index]!;
    return { metricName: `${NAME}_bucket`, labels: { le, ...labels }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${NAME}_sum`, labels, value: sum },
    { metricName: `${NAME}_count`, labels, value: count },
  ];
}
