import { type Answer, type DialectServer, header } from '../server.ts';
import { startServer as startPlain, v4 } from './support.ts';

export { v4 } from './support.ts';

const schema = (text: string): string => `input:\n  schema:\n    format: json\n    document:\n${indent(text, 6)}`;
const outputSchema = (text: string): string =>
  `output:\n  schema:\n    format: json\n    document:\n${indent(text, 6)}`;
const indent = (text: string, by: number): string => text.replace(/^(?=.)/gm, ' '.repeat(by));

/** Workflows of the tests of jobs, beside those of all. */
const definitions: Record<string, string> = {
  'Users/guest/test20190410.yaml': `${header('table-echo')}${schema(`type: object
additionalProperties: false
properties:
  input-2:
    x-knime-type: table
    type: object
    default: { table-spec: [{ colors: string }, { vote: long }], table-data: [[rot, 1]] }
`)}${outputSchema(`type: object
properties:
  output-1: { x-knime-type: table }
`)}do:
  - echo:
      set: { output-1: '\${ ."input-2" }' }
`,
  'Users/guest/kinds.yaml': `${header('kinds')}${schema(`type: object
additionalProperties: false
required: [line-count-3]
properties:
  line-count-3: { type: integer, minimum: 1 }
  json-input-57: { type: array }
  variable-input: { x-knime-type: variable, type: object, default: { mode: fast } }
  db: { x-knime-type: credential, type: object }
  note: { type: string, default: none }
`)}do:
  - nap:
      wait: { milliseconds: 50 }
  - answer:
      set:
        z: \${ $workflow.input."line-count-3" }
        a: \${ $workflow.input."json-input-57" }
        m: \${ $workflow.input."variable-input".mode }
        user: \${ $workflow.input.db.user }
        secret: \${ $workflow.input.db.password | length }
        note: \${ $workflow.input.note }
`,
  'Users/guest/rows.yaml': `${header('rows')}${schema(`type: object
additionalProperties: false
properties:
  rows-3:
    x-knime-type: table
    type: array
    items:
      type: object
      required: [name]
      properties:
        name: { type: string, maxLength: 3 }
        n: { type: [integer, string] }
        d: { type: number, default: 0.5 }
  row-4:
    x-knime-type: row
    type: object
    properties:
      n: { type: integer }
      d: { type: number, default: 0.5 }
`)}do:\n  - echo:\n      set: { rows: '\${ ."rows-3" }', row: '\${ ."row-4" }' }\n`,
  'Users/guest/broken.yaml': 'do: [',
  'Users/guest/sleeps.yaml': `${header('sleeps')}do:\n  - nap:\n      wait: { seconds: 30 }\n`,
  'Users/guest/busy.yaml': `${header('busy')}do:\n  - work:\n      run:\n        shell:\n          command: 'sleep 30'\n`,
  'Users/guest/fails.yaml': `${header('fails')}do:
  - warn:
      run:
        shell:
          command: 'echo something is odd >&2'
  - Kafka Connector:
      raise:
        error:
          type: https://example.com/errors/lost
          status: 500
          title: It is lost
          detail: Cannot connect to server.
`,
  'Users/guest/files.yaml': `${header('files')}${schema(`type: object
additionalProperties: false
required: ['file-upload-211:210']
properties:
  'file-upload-211:210': { x-knime-type: file, type: string }
  extra-1: { x-knime-type: file, type: string }
  line-count-3: { x-knime-type: integer, type: integer, default: 1 }
`)}${outputSchema(`type: object
properties:
  'result-file-918:917': { x-knime-type: file }
  lines: { type: integer }
`)}do:
  - cut:
      run:
        shell:
          command: 'mkdir -p out && head -n "$COUNT" "in/$FILE" > out/cut.csv && ls in > out/names.txt && wc -l < out/cut.csv'
          environment:
            COUNT: \${ ."line-count-3" | tostring }
            FILE: \${ ."file-upload-211:210" }
      output: { as: '{ "result-file-918:917": "cut.csv", lines: (. | tonumber) }' }
`,
};

export interface Server extends DialectServer {
  /** Address of a workflow of `guest`, with what follows it. */
  guest(name: string): string;
  /** Loads a job; answers its document. */
  load(name: string): Promise<Answer['json']>;
  /** Asks until the job is in another state than `EXECUTING`. */
  ended(uuid: string): Promise<Answer['json']>;
}

/** The whole server with these workflows and `more`. */
export async function startServer(
  more: Record<string, string> = {},
  environment: Record<string, string> = {},
): Promise<Server> {
  const server = await startPlain({ ...definitions, ...more }, environment);
  const guest = (name: string) => `${v4}/repository/Users/guest/${name}`;
  return {
    ...server,
    guest,
    async load(name) {
      const { status, text, json } = await server.ask('POST', guest(`${name}:jobs`));
      if (status !== 201) throw new Error(`${status} ${text}`);
      return json;
    },
    async ended(uuid) {
      for (;;) {
        const { status, text, json } = await server.ask('GET', `${v4}/jobs/${uuid}`);
        if (status !== 200) throw new Error(`${status} ${text}`);
        if (json.state !== 'EXECUTING') return json;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}
