import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binary, build, endAll, millrace, scratch, serve, start, stop, takenPort, workflows } from './binary.ts';

const { folder, remove } = scratch();
beforeAll(build, 60_000);
afterAll(() => {
  endAll();
  remove();
});

const hasCurl = (() => {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
const sh = (line: string, env: Record<string, string> = {}) =>
  promisify(execFile)('sh', ['-c', line], { env: { ...process.env, ...env } });
const curlLine = (greeting: string) => /^ {2}(curl .*)$/m.exec(greeting)![1]!;

describe('the first start', () => {
  it('tells address, user, password, folders and one line to paste; the second tells no password but how to set one', async () => {
    const data = join(folder, 'first');
    const server = await serve(data);
    const greeting = await server.until(/curl/);
    expect(greeting).toMatch(/^Millrace \d+\.\d+\.\d+$/m);
    expect(greeting).toContain(server.url);
    expect(greeting).toMatch(/User +admin/);
    expect(greeting).toMatch(/Password +[A-Za-z0-9]{20} /);
    expect(greeting).toContain(data);
    expect(greeting).toContain(workflows);
    for (const name of ['server.json', 'control.token']) expect(statSync(join(data, name)).mode & 0o777).toBe(0o600);
    expect(statSync(data).mode & 0o777).toBe(0o700);
    if (hasCurl) {
      const seconds: number[] = [];
      for (let paste = 0; paste < 3; paste++) {
        const begun = performance.now();
        const { stdout } = await sh(curlLine(greeting));
        expect(JSON.parse(stdout)).toEqual({ greeting: 'Hello, Ada!' });
        seconds.push((performance.now() - begun) / 1_000);
      }
      expect(Math.min(...seconds)).toBeLessThan(2);
    }
    expect(await stop(server)).toMatchObject({ code: 0 });
    expect(existsSync(join(data, 'server.json')) || existsSync(join(data, 'control.token'))).toBe(false);

    const second = await serve(data);
    const again = await second.until(/curl/);
    expect(again).toMatch(/Password +as set before; `millrace user password admin` sets another/);
    await stop(second);
  }, 120_000);

  it.runIf(hasCurl)(
    'takes MILLRACE_ADMIN_PASSWORD, which then stands in no output, and whose line works where it is set',
    async () => {
      const env = { MILLRACE_ADMIN_PASSWORD: "it's a $ecret" };
      const server = await serve(join(folder, 'given'), [], env);
      const greeting = await server.until(/curl/);
      expect(greeting).toContain('as given by MILLRACE_ADMIN_PASSWORD');
      expect(greeting).not.toContain('$ecret');
      const { stdout } = await sh(curlLine(greeting), env);
      expect(JSON.parse(stdout)).toEqual({ greeting: 'Hello, Ada!' });
      const environ = `/proc/${server.process.pid}/environ`;
      // What a child could read of its parent is what the kernel keeps; new children get nothing of ours.
      expect(existsSync(environ)).toBe(process.platform === 'linux');
      await stop(server);
    },
    60_000,
  );

  it('brings the samples where no workflows folder was named', async () => {
    const cwd = join(folder, 'empty');
    mkdirSync(cwd);
    const server = start(['serve', '--port', '0', '--log-level', 'error'], { cwd });
    expect(await server.until(/curl/)).toMatch(/Workflows +\S+workflows \(new, with the samples\)/);
    expect(existsSync(join(cwd, 'workflows', 'Examples', 'Hello.yaml'))).toBe(true);
    await stop(server);
  }, 120_000);
});

describe('what is in the way is one sentence with the fix, without a stack, and exit code 1', () => {
  const refused = async (args: readonly string[], sentence: RegExp, env: Record<string, string> = {}) => {
    const ended = await millrace(['serve', '--log-level', 'error', ...args], { cwd: folder, env });
    expect(ended).toMatchObject({ code: 1, out: '' });
    expect(
      ended.err
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('This is Node')),
    ).toHaveLength(1);
    expect(ended.err).toMatch(sentence);
  };
  const inData = (name: string) => ['--data', join(folder, name), '--workflows', workflows];

  it('a port in use, with who has it', async () => {
    const { port, free } = await takenPort();
    const owner = process.platform === 'linux' ? ` \\(by "[^"]+", pid ${process.pid}\\)` : '.*';
    await refused(
      [...inData('port'), '--port', String(port)],
      new RegExp(`^Port ${port} is in use${owner}\\. Start with --port ${port + 1}, `),
    );
    await free();
  });

  it('an address that is not here', async () => {
    await refused(
      [...inData('host'), '--host', '203.0.113.7', '--port', '0'],
      /203\.0\.113\.7 is no address of this machine\. Choose another with --host, /,
    );
  });

  it("a data folder that cannot be one, or is somebody else's", async () => {
    writeFileSync(join(folder, 'file'), '');
    await refused(inData('file'), /^The data folder .*file is a file\. Correct that, or name another with --data\./);
    await refused(inData('file/below'), /^The data folder .* is no folder\./);
    mkdirSync(join(folder, 'photos'));
    writeFileSync(join(folder, 'photos', 'a.jpg'), '');
    await refused(
      inData('photos'),
      /holds something else already \(a\.jpg\)\. Name an empty or a new folder with --data\./,
    );
  });

  it.runIf(process.platform === 'linux')('a data folder where none can be made', async () => {
    await refused(
      ['--data', '/proc/x/data', '--workflows', workflows],
      /^The data folder \/proc\/x\/data cannot be made: the file system there takes no folders\. Correct that, or name another with --data\./,
    );
  });

  it.runIf(process.getuid?.() !== 0)('a data folder that may not be written', async () => {
    mkdirSync(join(folder, 'closed'), { mode: 0o500 });
    await refused(inData('closed'), /is not writable by this account \(EACCES\)/);
  });

  it('a workflows folder that is not there', async () => {
    await refused(
      ['--data', join(folder, 'w'), '--workflows', join(folder, 'nowhere')],
      /^The workflows folder .*nowhere does not exist\. Create it, or name another with --workflows\./,
    );
  });

  it('a data folder that another server uses, with its pid', async () => {
    const server = await serve(join(folder, 'locked'));
    await refused(inData('locked'), new RegExp(`in use by process ${server.process.pid} `));
    await stop(server);
  }, 120_000);

  it('a setting that is wrong', async () => {
    await refused(
      ['--port', 'eighty'],
      /^port: "eighty" \(from --port\) is not accepted\. Accepted: a whole number from 0 to 65535\./,
    );
    await refused([], /The environment variable MILLRACE_PROT is not known\. Did you mean MILLRACE_PORT\?/, {
      MILLRACE_PROT: '1',
    });
  });

  it('a Node that is too old, before anything else is loaded', async () => {
    const old = `data:text/javascript,${encodeURIComponent("Object.defineProperty(process.versions, 'node', { value: '18.20.1' })")}`;
    const ended = await promisify(execFile)(process.execPath, ['--import', old, binary, 'serve']).catch(
      (error) => error,
    );
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toBe(
      'Millrace needs Node 20.19 or newer, and this is Node 18.20.1. Install Node 24 and try again.\n',
    );
  });
});

describe('the end', () => {
  const submit = async (data: string) => {
    const args = ['run', '/Tutorials/10seconds', '-p', 'location=Burnaby', '--data', data];
    const { code, out } = await millrace(args);
    expect(out).toMatch(/^Job \d+ is (queued|running|waiting)/);
    expect(code).toBe(0);
  };
  const slow = `document: { dsl: 1.0.3, namespace: own, name: slow, version: 1.0.0 }
do:
  - slow: { run: { script: { language: javascript, code: "await new Promise((go) => setTimeout(go, 3000)); console.log('done')" } } }
`;

  it('is orderly: what runs finishes, and the exit code is 0', async () => {
    const own = join(folder, 'own');
    mkdirSync(own);
    writeFileSync(join(own, 'slow.yaml'), slow);
    const data = join(folder, 'drained');
    const server = await serve(data, ['--workflows', own]);
    await millrace(['run', '/slow', '--data', data]);
    const begun = performance.now();
    server.process.kill('SIGINT');
    await server.until(/Stopping: finishing 1 job, press again to stop now\./);
    expect(await server.ended).toMatchObject({ code: 0 });
    expect(performance.now() - begun).toBeGreaterThan(1_000);
    const again = await serve(data, ['--workflows', own]);
    const { stdout } = await sh(`"${process.execPath}" "${binary}" run /slow --wait --data "${data}"`);
    expect(stdout).toContain('done');
    await stop(again);
  }, 120_000);

  it('does not wait for a job that waits', async () => {
    const data = join(folder, 'waiting');
    const server = await serve(data);
    await submit(data);
    const begun = performance.now();
    expect(await stop(server)).toMatchObject({ code: 0 });
    expect(performance.now() - begun).toBeLessThan(5_000);
  }, 120_000);

  it('is at once with a second signal', async () => {
    const own = join(folder, 'own2');
    mkdirSync(own);
    writeFileSync(join(own, 'slow.yaml'), slow.replace('3000', '60000'));
    const data = join(folder, 'twice');
    const server = await serve(data, ['--workflows', own]);
    await millrace(['run', '/slow', '--data', data]);
    server.process.kill('SIGTERM');
    await server.until(/press again/);
    const begun = performance.now();
    expect(await stop(server, 'SIGTERM')).toMatchObject({ code: 143 });
    expect(performance.now() - begun).toBeLessThan(1_000);
    // A killed server leaves its files behind; nobody takes them for a server.
    const later = await millrace(['run', '/slow', '--data', data]);
    expect(later).toMatchObject({ code: 2, out: '' });
    expect(later.err).toMatch(/No server runs on the data folder/);
  }, 120_000);
});

describe('what is printed', () => {
  it('is the version, in no time', async () => {
    const { version } = JSON.parse(readFileSync(join(binary, '..', '..', 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(await millrace(['--version'])).toMatchObject({ code: 0, out: `${version}\n` });
    // Held against what Node itself takes to start, since machines differ: nothing big may be loaded for it. Both are tried
    // in turn until it is met, since other programs take their turns too.
    const timed = async (args: readonly string[]) => {
      const begun = performance.now();
      await promisify(execFile)(process.execPath, args);
      return performance.now() - begun;
    };
    let [ours, nodes] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let round = 0; round < 20 && (round < 3 || ours >= 2 * nodes + 20); round++) {
      nodes = Math.min(nodes, await timed(['-e', '0']));
      ours = Math.min(ours, await timed([binary, '--version']));
    }
    expect(ours).toBeLessThan(2 * nodes + 20);
  });

  it('is a help that fits on a screen, and tells of each flag its variable and default', async () => {
    const { out, code } = await millrace(['--help']);
    expect(code).toBe(0);
    expect(out.split('\n').length).toBeLessThan(24);
    const { out: serveHelp } = await millrace(['serve', '--help']);
    expect(serveHelp.split('\n').length).toBeLessThan(48);
    expect(serveHelp.replace(/\s+/g, ' ')).toMatch(/--port <value> .*\(env MILLRACE_PORT; default: 8080\)/);
  });

  it('is the nearest name for what is mistyped', async () => {
    expect(await millrace(['sreve'])).toMatchObject({ code: 2, err: expect.stringMatching(/Did you mean serve\?/) });
    expect(await millrace(['serve', '--prot', '1'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/Did you mean --port\?/),
    });
  });
});
