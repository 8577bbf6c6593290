import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, endAll, millrace, type Server, scratch, serve, start, stop, workflows } from './binary.ts';

const { folder, remove } = scratch();
let server: Server;
let data: string[];

/** Says that it runs, and then takes its time without holding anything. */
const talks = `document: { dsl: 1.0.3, namespace: own, name: talks, version: 1.0.0 }
do:
  - talk: { run: { shell: { command: echo here I am } } }
  - nap: { wait: { minutes: 1 } }
`;

beforeAll(async () => {
  build();
  const own = join(folder, 'workflows');
  cpSync(workflows, own, { recursive: true });
  writeFileSync(join(own, 'Talks.yaml'), talks);
  server = await serve(join(folder, 'data'), ['--workflows', own]);
  data = ['--data', server.data];
}, 120_000);
afterAll(async () => {
  await stop(server);
  endAll();
  remove();
});

const asUser = async (path: string, authorization: string) => {
  const response = await fetch(`${server.url}${path}`, { headers: { authorization } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const basic = (name: string, password: string) => `Basic ${btoa(`${name}:${password}`)}`;

describe('millrace run', () => {
  it('without --wait answers the id at once', async () => {
    const { code, out } = await millrace(['run', 'Examples/Hello', ...data]);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^Job \\d+ is \\w+: ${server.url}/jobs/\\d+$`, 'm'));
  });

  it('with --wait prints the output and mirrors the outcome', async () => {
    const { code, out } = await millrace(['run', '/Examples/Hello', '-p', 'name=Ada', '--wait', ...data]);
    expect([code, JSON.parse(out)]).toEqual([0, { greeting: 'Hello, Ada!' }]);
    const json = await millrace([
      'run',
      '/Examples/Hello',
      '--input',
      '{"name":"Bob"}',
      '--wait',
      '-o',
      'json',
      ...data,
    ]);
    expect(JSON.parse(json.out)).toMatchObject({ state: 'completed', output: { greeting: 'Hello, Bob!' } });
  });

  it('shows the log while the job runs, and why it failed', async () => {
    const ended = await millrace(['run', '/Examples/Fails on purpose', '-p', 'how=script', '--wait', ...data]);
    expect(ended).toMatchObject({ code: 1, out: '' });
    expect(ended.err).toMatch(/\d\d:\d\d:\d\d {2}\/do\/2\/script {2}Reading the order \.\.\./);
    expect(ended.err).toMatch(/Job \d+ failed at \/do\/2\/script: /);
    expect(ended.err).toContain('The order has no lines.');
  });

  it('reads the input from a file or from standard input', async () => {
    const file = join(folder, 'input.json');
    writeFileSync(file, '{"name":"File"}');
    const one = await millrace(['run', '/Examples/Hello', '--input', `@${file}`, '--wait', ...data]);
    expect(one.out).toContain('Hello, File!');
    const two = await millrace(['run', '/Examples/Hello', '--input', '-', '--wait', ...data], {
      input: '{"name":"Pipe"}',
    });
    expect(two.out).toContain('Hello, Pipe!');
  });

  it('answers the same job to the same idempotency key', async () => {
    const args = ['run', '/Examples/Hello', '--idempotency-key', 'once', '-o', 'json', ...data];
    const [one, two] = [await millrace(args), await millrace(args)];
    expect(JSON.parse(two.out).id).toBe(JSON.parse(one.out).id);
  });

  it('refused by the server says why and ends with 2', async () => {
    const refusals = [
      [['/Examples/Helo'], /There is no workflow \/Examples\/Helo.*\/Examples\/Hello/],
      [['/Tutorials/10seconds'], /location.* is missing/],
      [['/Tutorials/10seconds', '-p', 'year=x'], /-p year: "x" is not accepted\. Accepted: integer\./],
      [['/Examples/Hello', '--input', '{'], /--input is not valid JSON/],
      [['/Examples/Hello', '--input', '{}', '-p', 'name=x'], /not by both/],
    ] as const;
    for (const [args, reason] of refusals) {
      const ended = await millrace(['run', ...args, ...data]);
      expect(ended).toMatchObject({ code: 2, out: '' });
      expect(ended.err).toMatch(reason);
    }
  });

  it('with -o json refuses with a problem document', async () => {
    const ended = await millrace(['run', '/Examples/Helo', '-o', 'json', ...data]);
    expect(JSON.parse(ended.err)).toMatchObject({ code: 'not-found', status: 404 });
  });

  it('left by Ctrl-C leaves the job running', async () => {
    const running = start(['run', '/Talks', '--wait', ...data]);
    await running.until(/here I am/);
    running.process.kill('SIGINT');
    const ended = await running.ended;
    expect(ended.code).toBe(130);
    expect(ended.err).toMatch(/Job \d+ goes on\./);
  }, 20_000);

  it('of a job that is cancelled ends with 3', async () => {
    const running = start(['run', '/Talks', '--wait', ...data]);
    await running.until(/here I am/);
    const { out } = await millrace(['token', 'create', '--name', 'cancel', ...data]);
    const authorization = `Bearer ${out.trim()}`;
    const { body } = await asUser('/jobs?workflow=/Talks&limit=1', authorization);
    const [job] = (body['jobs'] ?? body['items'] ?? body) as { id: number }[];
    await fetch(`${server.url}/jobs/${job!.id}/cancel`, { method: 'POST', headers: { authorization } });
    expect(await running.ended).toMatchObject({ code: 3, err: expect.stringMatching(/was cancelled/) });
  }, 20_000);
});

describe('accounts', () => {
  it('are made through the server that runs', async () => {
    const token = await millrace([
      'token',
      'create',
      '--name',
      'reader',
      '--scope',
      'jobs:read',
      '--expires-in-days',
      '2',
      ...data,
    ]);
    expect(token.code).toBe(0);
    expect((await asUser('/me', `Bearer ${token.out.trim()}`)).status).toBe(200);
    const added = await millrace(
      ['user', 'add', 'ada', '--role', 'user', '--role', 'viewer', '--password-stdin', ...data],
      { input: 'a long password\n' },
    );
    expect(added).toMatchObject({ code: 0, out: 'User ada (user, viewer) is added.\n' });
    expect(await asUser('/me', basic('ada', 'a long password'))).toMatchObject({ status: 200, body: { name: 'ada' } });
    const changed = await millrace(['user', 'password', 'ada', '-o', 'json', ...data]);
    const { password } = JSON.parse(changed.out) as { password: string };
    expect((await asUser('/me', basic('ada', password))).status).toBe(200);
    expect((await asUser('/me', basic('ada', 'a long password'))).status).toBe(401);
    expect(await millrace(['user', 'add', 'ada', ...data])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/There is a user ada already/),
    });
    const wrong = await millrace(['user', 'add', 'eve', '--role', 'boss', ...data]);
    expect(wrong).toMatchObject({
      code: 2,
      err: expect.stringMatching(/Accepted: admin, operator, user, viewer, kie-server\./),
    });
  }, 30_000);

  it('sign in as somebody else by name and MILLRACE_PASSWORD', async () => {
    await millrace(['user', 'add', 'bob', '--role', 'viewer', '--password-stdin', ...data], {
      input: 'another password',
    });
    const as = { env: { MILLRACE_USER: 'bob', MILLRACE_PASSWORD: 'another password' } };
    const ended = await millrace(['user', 'add', 'mallory', ...data], as);
    expect(ended.code).toBe(2);
    const url = await millrace(['run', '/Examples/Hello', '--url', server.url]);
    expect(url).toMatchObject({ code: 2, err: expect.stringMatching(/needs a signed-in user/) });
  }, 30_000);

  it('are made in the data folder itself when no server uses it', async () => {
    const own = ['--data', join(folder, 'offline')];
    const first = await serve(own[1]!, [], { MILLRACE_ADMIN_PASSWORD: 'the first password' });
    await stop(first);
    const token = await millrace(['token', 'create', '--name', 'ci', ...own]);
    expect(token).toMatchObject({ code: 0, out: expect.stringMatching(/^mlr_\S+\n$/) });
    expect(await millrace(['user', 'add', 'zoe', ...own])).toMatchObject({ code: 0 });
    const reset = await millrace(['user', 'password', 'admin', '--password-stdin', ...own], {
      input: 'the second password',
    });
    expect(reset).toMatchObject({ code: 0 });
    const again = await serve(own[1]!);
    const me = (authorization: string) =>
      fetch(`${again.url}/me`, { headers: { authorization } }).then((one) => one.status);
    expect(await me(`Bearer ${token.out.trim()}`)).toBe(200);
    expect(await me(basic('admin', 'the second password'))).toBe(200);
    expect(await me(basic('admin', 'the first password'))).toBe(401);
    await stop(again);
  }, 120_000);
});

describe('millrace validate', () => {
  it('tells line, column and reason of every issue, and ends with 1', async () => {
    mkdirSync(join(folder, 'bad'));
    const bad = join(folder, 'bad', 'bad.yaml');
    writeFileSync(
      bad,
      'document: { dsl: 1.0.3, namespace: x, name: x, version: 1.0.0 }\ndo:\n  - a:\n      sett: { b: 1 }\n',
    );
    const ended = await millrace(['validate', bad, join(workflows, 'Examples', 'Hello.yaml')]);
    expect(ended.code).toBe(1);
    expect(ended.out).toMatch(/bad\.yaml:3:\d+: .*sett.*set/);
    expect(ended.out).toMatch(/Hello\.yaml: valid$/m);
    const json = await millrace(['validate', '-o', 'json', bad]);
    expect(JSON.parse(json.out)).toMatchObject([{ valid: false, issues: [{ line: 3 }] }]);
  });

  it('says what is no workflow file', async () => {
    expect(await millrace(['validate', join(folder, 'none.yaml')])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/does not exist/),
    });
    writeFileSync(join(folder, 'a.txt'), '');
    expect(await millrace(['validate', join(folder, 'a.txt')])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/must end in one of \.yaml/),
    });
  });
});

describe('millrace config', () => {
  it('lists every setting with its origin and no secret', async () => {
    const { out, code } = await millrace(['config', '--slots', '3'], {
      cwd: folder,
      env: { MILLRACE_ADMIN_PASSWORD: 'geheim', MILLRACE_WORKERS: '2' },
    });
    expect(code).toBe(0);
    expect(out).toMatch(/^slots +3 +flag \(--slots\)$/m);
    expect(out).toMatch(/^workers +2 +environment \(MILLRACE_WORKERS\)$/m);
    expect(out).toMatch(/^adminPassword +\*{8} +environment \(MILLRACE_ADMIN_PASSWORD\)$/m);
    expect(out).not.toContain('geheim');
  });
});
