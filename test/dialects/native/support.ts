import { type DialectServer, header, startDialectServer } from '../server.ts';

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
