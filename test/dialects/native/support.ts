import { expect } from 'vitest';
import { admin, type DialectServer, header, startDialectServer } from '../server.ts';

export { admin, PASSWORD } from '../server.ts';

export type Server = DialectServer;

/** Workflows the tests run. */
export const definitions: Record<string, string> = {
  'Tutorials/10seconds.yaml': `${header('quick')}input:
  schema:
    format: json
    document:
      type: object
      required: [location]
      properties:
        location: { type: array, items: { type: string }, examples: [[Berlin]] }
        year: { type: integer, default: 1985 }
do:
  - answer:
      set:
        where: \${ .location[0] }
        year: \${ .year }
`,
  'Echo.yaml': `${header('echo')}do:\n  - echo:\n      set:\n        got: \${ . }\n`,
  'Fails.yaml': `${header('fails')}do:\n  - stop:\n      raise:\n        error:\n          type: https://example.com/errors/full\n          status: 409\n          title: It is full\n`,
  'Sleeps.yaml': `${header('sleeps')}do:\n  - first:\n      wait: { milliseconds: 20 }\n  - nap:\n      wait: { seconds: 30 }\n`,
  'Naps.yaml': `${header('naps')}do:\n  - nap:\n      wait: { milliseconds: 700 }\n  - done:\n      set: { slept: true }\n`,
  'Logs.yaml': `${header('logs')}do:
  - talk:
      run:
        shell:
          command: 'for i in 1 2 3 4 5 6; do echo line $i; sleep 0.15; done'
  - done:
      set: { talked: true }
`,
  'A folder/50 % + Größe, (a) & #1.yaml': `${header('odd')}do:\n  - a:\n      set: { odd: true }\n`,
};

/** The whole server on folders of its own. */
export const startServer = (environment: Record<string, string> = {}): Promise<Server> =>
  startDialectServer({ definitions, environment, document: '/openapi-3.1.json' });

/** One server-sent event. */
export interface Event {
  event?: string;
  id?: string;
  data: string;
}

/** Reads events until the stream ends or `until` says so. */
export async function readEvents(
  server: Pick<Server, 'url'>,
  path: string,
  headers: Record<string, string> = {},
  until: (event: Event) => boolean = () => false,
) {
  const abort = new AbortController();
  const response = await fetch(`${server.url}${path}`, {
    headers: { authorization: admin, ...headers },
    signal: abort.signal,
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(response.headers.get('x-request-id')).toBeTruthy();
  const got: Event[] = [];
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end < 0) break;
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const data = lines.filter((line) => line.startsWith('data: ')).map((line) => line.slice(6));
      if (data.length === 0) continue;
      const event = lines.find((line) => line.startsWith('event: '))?.slice(7);
      const id = lines.find((line) => line.startsWith('id: '))?.slice(4);
      got.push({
        ...(event === undefined ? {} : { event }),
        ...(id === undefined ? {} : { id }),
        data: data.join('\n'),
      });
      if (until(got.at(-1)!)) {
        abort.abort();
        return got;
      }
    }
  }
  return got;
}
