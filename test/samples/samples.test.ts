import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { compileSchema } from '../../src/schema/index.ts';
import { openDatabase } from '../../src/stores/sqlite/driver.ts';
import { type SampleResult, type SampleServer, startSamples, untilFinal, workflows } from './server.ts';

const root = join(workflows, '..');
const files = readdirSync(workflows, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
const pathOf = (file: string) => `/${file.replaceAll('\\', '/').slice(0, -'.yaml'.length)}`;
const encoded = (path: string) => path.split('/').map(encodeURIComponent).join('/');

let server: SampleServer;
let tenSeconds: Promise<{ result: SampleResult; seconds: number }>;
beforeAll(async () => {
  server = await startSamples();
  // Runs beside the other tests: its time is spent waiting.
  tenSeconds = runTenSeconds();
  tenSeconds.catch(() => {});
});
afterAll(() => server.stop());

async function runTenSeconds() {
  const begun = performance.now();
  const result = await server.run('/Tutorials/10seconds', { location: ['Burnaby', 'Vancouver'], year: 1985 });
  return { result, seconds: (performance.now() - begun) / 1_000 };
}

describe.each(files)('%s', (file) => {
  const text = readFileSync(join(workflows, file), 'utf8');

  it('is one that the README tells of: nothing comes with the program by accident', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    expect(readme).toContain(`/${pathOf(file).split('/').at(-1)}\``);
  });

  it('names the schema editors complete it by, in its first line', () => {
    expect(text).toMatch(
      /^# yaml-language-server: \$schema=https:\/\/open-workflow-specification\.org\/schemas\/1\.0\.3\/workflow\.yaml\n/,
    );
  });

  it('has a description, and a schema whose examples and defaults it accepts', async () => {
    const response = await server.send(`/workflows${encoded(pathOf(file))}`);
    expect(response.status).toBe(200);
    const workflow = (await response.json()) as { title: string; description: string; issues?: unknown[] };
    expect(workflow.title.length).toBeGreaterThan(3);
    expect(workflow.description.length).toBeGreaterThan(10);
    expect(workflow.issues ?? []).toEqual([]);

    const parameters = await server.send(`/workflows${encoded(pathOf(file))}:parameters`);
    const { schema } = (await parameters.json()) as { schema: { properties: Record<string, JsonObject> } };
    const named = Object.entries(schema.properties);
    expect(named.length === 0 || named.some(([, property]) => Array.isArray(property['examples']))).toBe(true);
    for (const [name, property] of named) {
      const given = [
        ...((property['examples'] as unknown[]) ?? []),
        ...('default' in property ? [property['default']] : []),
      ];
      const { validate } = compileSchema(property);
      for (const value of given) expect([name, validate(value as never)]).toEqual([name, []]);
    }
  });
});

describe('Hello', () => {
  it('is a whole workflow in at most eight lines', () => {
    const lines = readFileSync(join(workflows, 'Examples', 'Hello.yaml'), 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.length).toBeLessThanOrEqual(8);
  });

  it('greets by name, and the world without one', async () => {
    expect(await server.run('/Examples/Hello', { name: 'Ada' })).toMatchObject({
      state: 'completed',
      output: { greeting: 'Hello, Ada!' },
    });
    expect(await server.run('/Examples/Hello', {})).toMatchObject({ output: { greeting: 'Hello, World!' } });
  });
});

describe('Predict Results Using REST API', () => {
  const workflow = '/Examples/Predict Results Using REST API';
  interface Row {
    customerId: string;
    prediction: string;
    probability: number;
    reasons: string[];
  }
  const predict = async (input: unknown) => {
    const { state, output } = await server.run(workflow, input);
    expect(state).toBe('completed');
    return (output as { 'json-output': Row[] })['json-output'];
  };

  it('gives each row back with prediction, probability and reasons', async () => {
    const rows = await predict({});
    expect(rows.map(({ prediction }) => prediction)).toEqual(['leaves', 'stays']);
    expect(rows[0]).toMatchObject({ customerId: 'C10001', probability: expect.closeTo(0.97, 1) });
    expect(rows[0]!.reasons).toContain('supportCalls');
  });

  it('tells those who left from those who stayed in its own data, as well as the model says it does', async () => {
    const model = JSON.parse(readFileSync(join(root, 'docs/samples/churn/model.json'), 'utf8')) as {
      measured: { areaUnderRoc: number };
    };
    const [head, ...lines] = readFileSync(join(root, 'docs/samples/churn/customers.csv'), 'utf8').trim().split('\n');
    const names = head!.split(',');
    const customers = lines
      .filter((_line, index) => index % 10 >= 7)
      .map((line) => Object.fromEntries(line.split(',').map((cell, index) => [names[index]!, cell])));
    const input = customers.map((row) => ({
      customerId: row['customerId'],
      ...Object.fromEntries(
        [
          'dayMinutes',
          'eveningMinutes',
          'nightMinutes',
          'internationalMinutes',
          'internationalCalls',
          'supportCalls',
          'accountMonths',
        ].map((name) => [name, Number(row[name])]),
      ),
      internationalPlan: row['internationalPlan'] === '1',
      voiceMailPlan: row['voiceMailPlan'] === '1',
    }));
    const scored = await predict({ 'json-input': input });
    const probabilities = (churned: string) =>
      scored.filter((_row, index) => customers[index]!['churned'] === churned).map(({ probability }) => probability);
    const [left, stayed] = [probabilities('1'), probabilities('0')];
    const wins = left.reduce((sum, one) => sum + stayed.filter((other) => other < one).length, 0);
    expect(model.measured.areaUnderRoc).toBeGreaterThan(0.8);
    expect(wins / (left.length * stayed.length)).toBeCloseTo(model.measured.areaUnderRoc, 2);
  });

  it('refuses rows that are none, naming row and field', async () => {
    await expect(server.run(workflow, { 'json-input': [{ dayMinutes: -1 }] })).rejects.toThrow(/json-input\/0/);
  });

  it('is what training on the data gives, and the data what its script gives', () => {
    execFileSync(process.execPath, [join(root, 'docs/samples/churn/train.mjs'), '--check']);
    const folder = mkdtempSync(join(tmpdir(), 'millrace-churn-'));
    try {
      const script = readFileSync(join(root, 'docs/samples/churn/make-customers.mjs'), 'utf8');
      execFileSync(process.execPath, ['--input-type=module', '-'], {
        input: script.replace('import.meta.url', JSON.stringify(`file://${folder}/script.mjs`)),
      });
      expect(readFileSync(join(folder, 'customers.csv'), 'utf8')).toBe(
        readFileSync(join(root, 'docs/samples/churn/customers.csv'), 'utf8'),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('ETL from SQLite to CSV and SQLite', () => {
  const workflow = '/Examples/ETL from SQLite to CSV and SQLite';
  const download = async (id: number, name: string) =>
    Buffer.from(await (await server.send(`/jobs/${id}/files/${name}`)).arrayBuffer());
  const counts = { read: 600, written: 584, refused: 16, loaded: { sales: 584, months: 48, euros: 133556.62 } };

  it('moves the rows of the sample shop into a CSV file and a second database, and counts them', async () => {
    const { id, state, output } = await server.run(workflow, {});
    expect(state).toBe('completed');
    expect(output).toEqual({ source: 'shop.db', ...counts });
    const csv = (await download(id, 'orders.csv')).toString().trim().split('\r\n');
    expect(csv).toHaveLength(585);
    expect(csv[0]).toBe('id,day,customer,country,euros');
    expect((await download(id, 'refused.csv')).toString()).toMatch(
      /^id,reason\r\n50,no amount\r\n75,no such customer\r\n/,
    );
    const warehouse = openDatabase(await download(id, 'warehouse.db'));
    const { sales, euros } = warehouse
      .prepare('SELECT count(*) AS sales, round(sum(euros), 2) AS euros FROM sales')
      .get() as Record<string, number>;
    expect({ sales, euros }).toEqual({ sales: 584, euros: 133556.62 });
    const fromCsv = csv.slice(1).reduce((sum, line) => sum + Number(line.split(',')[4]), 0);
    expect(fromCsv).toBeCloseTo(euros!, 2);
    warehouse.close();
  });

  it('takes a database that comes with the job, from a day on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-shop-'));
    execFileSync('python3', [join(root, 'docs/samples/shop/make-shop.py'), join(folder, 'mine.db')]);
    const bytes = readFileSync(join(folder, 'mine.db'));
    rmSync(folder, { recursive: true });
    const form = new FormData();
    form.set('job', JSON.stringify({ workflow, input: { since: '2025-07-01' } }));
    form.set('database', new Blob([bytes]), 'mine.db');
    const response = await server.send('/jobs', { method: 'POST', body: form });
    expect(response.status).toBe(202);
    const { output } = await untilFinal(server.send, ((await response.json()) as { id: number }).id);
    const { source, read, written, refused } = output as Record<string, number | string>;
    expect(source).toBe('mine.db');
    expect(read).toBeLessThan(counts.read);
    expect(Number(written) + Number(refused)).toBe(read);
  });

  it('makes itself the same shop as the script beside the documents', () => {
    const block = (file: string) =>
      /^( *)# sample: begin\n([\s\S]*?)^ *# sample: end$/m.exec(readFileSync(join(root, file), 'utf8'))!;
    const [, indent, inWorkflow] = block(`workflows${workflow}.yaml`);
    const [, , inScript] = block('docs/samples/shop/make-shop.py');
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(hash(inWorkflow!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))).toBe(hash(inScript!));
  });
});

describe('Retry and recover', () => {
  it('tries again until it works', async () => {
    const { state, output } = await server.run('/Examples/Retry and recover', { failures: 2 });
    expect([state, output]).toEqual([
      'completed',
      { paid: true, amount: 49.9, way: 'card', calls: 3, reservation: 'R-1' },
    ]);
  });

  it('takes the other way when all tries have failed, and undoes what was done before', async () => {
    const { state, output } = await server.run('/Examples/Retry and recover', { failures: 9, amount: 10 });
    expect(state).toBe('completed');
    expect(output).toEqual({
      paid: false,
      amount: 10,
      way: 'invoice',
      calls: 4,
      released: 'R-1',
      reason: 'Payment service unavailable',
    });
  });
});

describe('Fan out', () => {
  it('looks at the text in four ways at once and joins what they found', async () => {
    const text = 'The mill turns, and turns.';
    const { id, state, output } = await server.run('/Examples/Fan out', { text });
    expect(state).toBe('completed');
    expect(output).toEqual({
      words: 5,
      letters: [
        { letter: 'n', count: 3 },
        { letter: 't', count: 3 },
        { letter: 'l', count: 2 },
      ],
      sha256: createHash('sha256').update(text).digest('hex'),
      greeting: 'Hello, turns.!',
    });
    // Four waits of a second, side by side: by the journal's own times the last began before the first ended.
    const steps = (await (await server.send(`/jobs/${id}/steps`)).json()) as { steps?: Step[] } | Step[];
    const pauses = (Array.isArray(steps) ? steps : steps.steps!).filter(({ name }) => name === 'pause');
    expect(pauses).toHaveLength(4);
    const begins = pauses.map(({ startedAt }) => Date.parse(startedAt));
    const ends = pauses.map(({ endedAt, finishedAt }) => Date.parse((endedAt ?? finishedAt)!));
    expect(Math.max(...begins)).toBeLessThan(Math.min(...ends));
  });

  interface Step {
    name: string;
    startedAt: string;
    endedAt?: string;
    finishedAt?: string;
  }
});

describe('through the API of KNIME Server', () => {
  const rest = '/knime/rest/v4';
  const json = { 'content-type': 'application/json' };
  const execute = async (path: string, body: string | FormData = '{}') => {
    const response = await server.send(`${rest}/repository${encoded(path)}:execution`, {
      method: 'POST',
      headers: typeof body === 'string' ? json : {},
      body,
    });
    expect(response.status).toBe(200);
    return response.text();
  };

  it('a table comes back as it was sent', async () => {
    const table = '{"table-spec":[{"n":"long"},{"d":"double"}],"table-data":[[9223372036854775807,42.0],[42,null]]}';
    expect(await execute('/Users/guest/Echo table', `{"input-2":${table}}`)).toContain(
      `"outputValues":{"output-1":${table}}`,
    );
    expect(JSON.parse(await execute('/Users/guest/Echo table', '{"input-2":null}')).outputValues).toEqual({
      'output-1': {
        'table-spec': [{ colors: 'string' }, { vote: 'long' }],
        'table-data': [
          ['blau', 42],
          ['gelb', -1],
        ],
      },
    });
  });

  it('a workflow without input returns a table with the types of its columns', async () => {
    expect(await execute('/Users/guest/Colors')).toContain(
      '"outputValues":{"output-1":{"table-spec":[{"name":"string"},{"wavelength":"double"},{"warm":"boolean"}],' +
        '"table-data":[["rot",700.0,true],["gelb",580.5,true],["blau",470.0,false]]}}',
    );
  });

  it('a file goes in as a part of a form and comes out as a resource of the job', async () => {
    const loaded = await server.send(`${rest}/repository${encoded('/Examples/File in and file out')}:jobs`, {
      method: 'POST',
    });
    const { id } = (await loaded.json()) as { id: string };
    const form = new FormData();
    form.append('file-upload-1', new Blob(['a;b\n1;2\n3;4\n'], { type: 'text/csv' }), 'prices.csv');
    form.append('line-count-3', new Blob(['{"integer":1}'], { type: 'application/json' }));
    const ran = await server.send(`${rest}/jobs/${id}`, { method: 'POST', body: form });
    expect(await ran.json()).toMatchObject({
      state: 'EXECUTION_FINISHED',
      outputValues: { lines: 1 },
      outputResources: { 'result-file-9': 'result-file-9' },
    });
    expect(await (await server.send(`${rest}/jobs/${id}/output-resources/result-file-9`)).text()).toBe('a;b\n');
    expect(JSON.parse(await execute('/Examples/File in and file out')).outputValues).toEqual({ lines: 2 });
  });

  it('a workflow that fails in its second node says so with status 200', async () => {
    const { state, nodeMessages } = JSON.parse(await execute('/Users/guest/Fails in its second node'));
    expect(state).toBe('EXECUTION_FAILED');
    expect(nodeMessages.at(-1)).toEqual({
      node: expect.stringMatching(/^Kafka Connector \d+:2$/),
      messageType: 'ERROR',
      message: 'Execute failed: Cannot connect to kafka.example.',
    });
  });
});

describe('Fails on purpose', () => {
  const failure = async (input: unknown) => {
    const { state, error } = await server.run('/Examples/Fails on purpose', input);
    expect(state).toBe('failed');
    return error!;
  };

  it('raises its own error, with the order in it', async () => {
    expect(await failure({ order: 'A-7' })).toMatchObject({
      type: 'https://millrace.example/errors/out-of-stock',
      status: 409,
      title: 'Out of stock',
      detail: 'Order A-7 cannot be delivered, nothing is left.',
      instance: '/do/1/raise',
    });
  });

  it('shows what a script that throws says', async () => {
    const error = await failure({ how: 'script' });
    expect(error).toMatchObject({ instance: '/do/2/script', status: 500 });
    expect(error.detail).toContain('The order has no lines.');
  });

  it('shows a step that takes too long', async () => {
    const error = await failure({ how: 'timeout' });
    expect(error).toMatchObject({ instance: '/do/3/timeout', status: 408 });
  });

  it('shows an expression that cannot be computed', async () => {
    expect(await failure({ how: 'expression' })).toMatchObject({
      instance: '/do/4/expression',
      detail: expect.stringContaining('.order + 1'),
    });
  });
});

describe('10seconds', () => {
  it('takes ten seconds and lists the locations with the year', async () => {
    const { result, seconds } = await tenSeconds;
    expect(seconds).toBeGreaterThanOrEqual(10);
    expect(result.output).toEqual({
      year: 1985,
      locations: ['Burnaby', 'Vancouver'],
      labels: ['Burnaby, 1985', 'Vancouver, 1985'],
      seconds: 10,
    });
  });

  it('needs a list of locations', async () => {
    for (const input of [{}, { location: 'Burnaby' }, { location: [] }, { location: ['x'], year: 'soon' }]) {
      await expect(server.run('/Tutorials/10seconds', input)).rejects.toThrow(/422/);
    }
  });
});
