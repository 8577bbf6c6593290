import { type Answer, type DialectServer, header, startDialectServer } from '../server.ts';

export { basic } from '../server.ts';

/** Workflows the tests run. */
export const definitions: Record<string, string> = {
  'Tutorials/10seconds.yaml': `${header('quick')}input:
  schema:
    format: json
    document:
      type: object
      required: [location]
      additionalProperties: false
      properties:
        location: { title: Locations, type: array, items: { type: string }, minItems: 1, examples: [[Burnaby, Vancouver]] }
        year: { type: integer, minimum: 1900, maximum: 2100, default: 2000 }
do:
  - nap:
      wait: { milliseconds: 300 }
  - answer:
      set:
        where: \${ $workflow.input.location }
        year: \${ $workflow.input.year }
`,
  'Tutorials/deep/er.yaml': `${header('deeper')}do:\n  - done:\n      set: { ok: true }\n`,
  'Root.yaml': `${header('root')}do:\n  - echo:\n      set:\n        got: \${ . }\n`,
  'Tests/Echo.yaml': `${header('echo')}do:\n  - echo:\n      set:\n        got: \${ . }\n`,
  'Tests/Fails.yaml': `${header('fails')}do:\n  - stop:\n      raise:\n        error:\n          type: https://example.com/errors/full\n          status: 409\n          title: It is full\n          detail: No room for row 7\n`,
  'Tests/Sleeps.yaml': `${header('sleeps')}do:\n  - nap:\n      wait: { seconds: 30 }\n`,
  'Tests/Busy.yaml': `${header('busy')}do:\n  - work:\n      run:\n        shell:\n          command: 'sleep 30'\n`,
  'Tests/Logs.yaml': `${header('logs')}do:
  - talk:
      run:
        shell:
          command: 'for i in 1 2 3; do echo line $i; done; echo oops >&2'
  - done:
      set: { talked: true }
`,
  'Tests/Secret.yaml': `${header('secret')}input:
  schema:
    format: json
    document:
      type: object
      required: [DBPASS]
      properties:
        DBPASS: { title: Database password, type: string, format: password }
        USER: { type: string, default: scott }
do:
  - talk:
      run:
        return: none
        shell:
          command: 'echo password is "$P"'
          environment:
            P: \${ $workflow.input.DBPASS }
  - done:
      set:
        length: \${ $workflow.input.DBPASS | length }
`,
};

export interface Server extends DialectServer {
  /** The id of a new job. */
  submit(workspace: string, more?: object): Promise<number>;
  /** Its result, waited for. */
  result(id: number): Promise<Answer>;
}

/** The whole server on folders of its own, with `more` workflow files. */
export async function startServer(
  more: Record<string, string> = {},
  environment: Record<string, string> = {},
): Promise<Server> {
  const server = await startDialectServer({
    definitions: { ...definitions, ...more },
    document: '/fmeapiv4/docs/openapi-3.1.json',
    environment,
  });
  return {
    ...server,
    async submit(workspace, rest = {}) {
      const { status, text, json } = await server.ask('POST', '/fmeapiv4/jobs', {
        body: { repository: 'Tests', workspace, ...rest },
      });
      if (status !== 202) throw new Error(`${status} ${text}`);
      return json.id as number;
    },
    result: (id) => server.ask('GET', `/fmeapiv4/jobs/${id}/result?longPoll=true&longPollInterval=20`),
  };
}
