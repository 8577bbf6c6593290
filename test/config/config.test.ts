import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigInput, inheritableEnvironment, listSettings, loadConfig, settingRows } from '../../src/config.ts';
import { isMillraceError } from '../../src/model/errors.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'millrace-config-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const load = (input: ConfigInput = {}) =>
  loadConfig({ cwd, env: {}, machine: { cores: 3, terminal: false }, ...input });

const problems = (input: ConfigInput): string[] => {
  try {
    load(input);
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    expect(error.code).toBe('configuration');
    return error.options.errors!.map((one) => one.message);
  }
  return [];
};

const write = (name: string, text: string, mode = 0o600) => {
  writeFileSync(join(cwd, name), text);
  chmodSync(join(cwd, name), mode);
  return join(cwd, name);
};

describe('defaults', () => {
  it('are those that scripts rely on', () => {
    const { config, origins } = load();
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8_080,
      data: join(cwd, 'data'),
      workflows: join(cwd, 'workflows'),
      secretsFolder: join(cwd, 'data', 'secrets'),
      workers: 3,
      slots: 64,
      logLevel: 'info',
      logFormat: 'json',
      maxWait: 25,
      outbound: { private: 'refuse', allow: [] },
    });
    expect(config.adminPassword).toBeUndefined();
    expect(origins['port']).toEqual({ source: 'default' });
  });

  it('log prettily on a terminal', () => {
    expect(load({ machine: { cores: 1, terminal: true } }).config.logFormat).toBe('pretty');
  });

  it('fit what is accepted, every one of them', () => {
    const { config } = load();
    for (const row of settingRows) {
      const value = row.name.split('.').reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], config);
      if (value !== undefined) expect([row.name, row.kind.read(value, cwd)]).toEqual([row.name, value]);
    }
  });

  it('cannot be changed by anybody', () => {
    const { config } = load();
    expect(Object.isFrozen(config) && Object.isFrozen(config.process) && Object.isFrozen(config.outbound.allow)).toBe(
      true,
    );
  });
});

describe('precedence', () => {
  const file = 'port: 1001\nhost: file.example\nslots: 2\nprocess:\n  warm: 5\n';

  it('is flag, then environment, then file, then default', () => {
    write('millrace.yaml', file);
    const { config, origins } = load({
      flags: { port: '1003' },
      env: { MILLRACE_PORT: '1002', MILLRACE_HOST: 'env.example' },
    });
    expect(config).toMatchObject({ port: 1_003, host: 'env.example', slots: 2, process: { warm: 5 } });
    expect(origins['port']).toEqual({ source: 'flag', name: '--port' });
    expect(origins['host']).toEqual({ source: 'environment', name: 'MILLRACE_HOST' });
    expect(origins['slots']).toEqual({ source: 'file', name: `${join(cwd, 'millrace.yaml')} line 3` });
    expect(origins['process.warm']!.name).toMatch(/line 5$/);
    expect(origins['workers']).toEqual({ source: 'default' });
  });

  it('an empty variable is an absent one', () => {
    expect(load({ env: { MILLRACE_PORT: '' } }).config.port).toBe(8_080);
  });

  it('a default follows the setting it is derived from', () => {
    expect(load({ flags: { data: '/srv/m' } }).config.secretsFolder).toBe('/srv/m/secrets');
  });

  it('JSON files and files named by --config or MILLRACE_CONFIG are read, paths in them being relative to the file', () => {
    mkdirSync(join(cwd, 'etc'));
    const path = write('etc/own.json', '{"data": "../store", "outbound": {"allow": ["10.0.0.0/8"]}}');
    expect(load({ flags: { config: path } }).config.data).toBe(join(cwd, 'store'));
    const { config } = load({ env: { MILLRACE_CONFIG: 'etc/own.json' } });
    expect(config.outbound.allow).toEqual(['10.0.0.0/8']);
  });

  it('a file of comments alone sets nothing', () => {
    write('millrace.yaml', '# port: 1\n\n#\n');
    expect(load().config.port).toBe(8_080);
  });
});

describe('units', () => {
  it.each([
    ['30', 30],
    ['90s', 90],
    ['5m', 300],
    ['1h30m', 5_400],
    ['250ms', 0.25],
    ['0.3s', 0.3],
  ])('a time of %s is %d seconds', (text, seconds) => {
    expect(load({ flags: { 'max-wait': text } }).config.maxWait).toBe(seconds);
  });

  it.each([
    ['2048', 2_048],
    ['64KiB', 65_536],
    ['1 MiB', 1_048_576],
    ['2mb', 2_000_000],
  ])('a size of %s is %d bytes', (text, bytes) => {
    expect(load({ flags: { 'body-limit': text } }).config.bodyLimit).toBe(bytes);
  });

  it.each(['5x', 'm', '', '-1', '5m5', '1e3', 'NaN'])('a time of "%s" is refused', (text) => {
    expect(problems({ flags: { 'max-wait': text } })).toHaveLength(1);
  });

  it('lists are comma-separated text, or lists in the file; maps are name=value pairs, or mappings', () => {
    const { config } = load({
      env: {
        MILLRACE_ALLOWED_HOSTS: 'a.example, *.b.example',
        MILLRACE_OUTBOUND_HOST_MAP: 'x.example=http://127.0.0.1:1/',
      },
    });
    expect(config.allowedHosts).toEqual(['a.example', '*.b.example']);
    expect(config.outbound.hostMap).toEqual({ 'x.example': 'http://127.0.0.1:1' });
    write('millrace.yaml', 'trustProxy: [10.0.0.1]\noutbound:\n  hostMap:\n    y.example: https://z.example\n');
    expect(load().config).toMatchObject({
      trustProxy: ['10.0.0.1'],
      outbound: { hostMap: { 'y.example': 'https://z.example' } },
    });
  });
});

describe('mistakes', () => {
  it('name the setting, the value, where it came from and what is accepted, all at once', () => {
    write('millrace.yaml', 'slots: many\n');
    const found = problems({ flags: { port: '99999' }, env: { MILLRACE_LOG_LEVEL: 'loud' } });
    expect(found).toEqual([
      'port: "99999" (from --port) is not accepted. Accepted: a whole number from 0 to 65535.',
      `slots: "many" (from ${join(cwd, 'millrace.yaml')} line 1) is not accepted. Accepted: a whole number from 1 to 1024.`,
      'logLevel: "loud" (from MILLRACE_LOG_LEVEL) is not accepted. Accepted: one of trace, debug, info, warn, error, fatal, silent.',
    ]);
  });

  it('unknown names are refused with the nearest one, wherever they come from', () => {
    write('millrace.yaml', 'process:\n  concurency: 3\nlog-level: info\nzzzz: 1\n');
    expect(problems({ flags: { prot: '1' }, env: { MILLRACE_LOGLEVEL: 'info', PATH: '/bin' } })).toEqual([
      'There is no flag --prot. Did you mean --port?',
      'The environment variable MILLRACE_LOGLEVEL is not known. Did you mean MILLRACE_LOG_LEVEL?',
      expect.stringMatching(/line 2: there is no setting process\.concurency\. Did you mean process\.concurrency\?$/),
      expect.stringMatching(/line 3: there is no setting log-level\. Did you mean logLevel\?$/),
      expect.stringMatching(/line 4: there is no setting zzzz\.$/),
    ]);
  });

  it('variables that only the command line uses are known', () => {
    expect(
      problems({ env: { MILLRACE_URL: 'x', MILLRACE_USER: 'u', MILLRACE_PASSWORD: 'p', MILLRACE_TOKEN: 't' } }),
    ).toEqual([]);
  });

  it('variables that steps of workflows are given are known, so that a step can call this program', () => {
    const env = { MILLRACE_PROCESS: 'p', MILLRACE_ATTEMPT: '1', MILLRACE_IDEMPOTENCY_KEY: 'k', MILLRACE_VALUE_0: 'v' };
    expect(problems({ env })).toEqual([]);
  });

  it('a broken file tells line and column; a missing one its name', () => {
    write('millrace.yaml', 'port: [1\n');
    expect(problems({})[0]).toMatch(/millrace\.yaml line \d+, column \d+: /);
    expect(problems({ flags: { config: 'none.yaml' } })).toEqual([
      `The file ${join(cwd, 'none.yaml')} does not exist.`,
    ]);
  });

  it('a file that is no mapping, and two files at once, are refused', () => {
    write('millrace.yaml', '- port\n');
    expect(problems({})[0]).toMatch(/must be a mapping/);
    write('millrace.json', '{}');
    expect(problems({}).join()).toMatch(/are both there/);
  });

  it('data and secrets may not lie in the workflows folder', () => {
    const found = problems({ flags: { data: 'workflows/.data' } });
    expect(found).toHaveLength(2);
    expect(found[0]).toMatch(/^data: .* lies in the workflows folder/);
    expect(problems({ flags: { data: '..data', workflows: '.' } })).toHaveLength(2);
    expect(problems({ flags: { data: 'data', workflows: 'data/workflows' } })).toEqual([]);
  });
});

describe('secrets', () => {
  it('come from the environment or the file a variable names, and are taken out of the environment', () => {
    const env: Record<string, string> = { MILLRACE_ADMIN_PASSWORD: ' correct horse ', MILLRACE_TOKEN: 't', HOME: '/h' };
    expect(load({ env }).config.adminPassword).toBe(' correct horse ');
    expect(env).toEqual({ HOME: '/h' });
    const file = write('password', 'battery staple\n');
    const loaded = load({ env: { MILLRACE_ADMIN_PASSWORD_FILE: file } });
    expect(loaded.config.adminPassword).toBe('battery staple');
    expect(loaded.origins['adminPassword']!.name).toBe('MILLRACE_ADMIN_PASSWORD_FILE');
    expect(load({ flags: { 'admin-password-file': file } }).config.adminPassword).toBe('battery staple');
    write('millrace.yaml', 'adminPasswordFile: password\n');
    expect(load().config.adminPassword).toBe('battery staple');
  });

  it('are refused as a plain flag, twice, empty, missing, or in a file others can read', () => {
    write('empty', '\n');
    expect(problems({ flags: { 'admin-password': 'x' } })[0]).toMatch(/Did you mean --admin-password-file\?/);
    expect(
      problems({ env: { MILLRACE_ADMIN_PASSWORD: 'a', MILLRACE_ADMIN_PASSWORD_FILE: write('p', 'b') } })[0],
    ).toMatch(/both set/);
    expect(problems({ env: { MILLRACE_ADMIN_PASSWORD_FILE: 'empty' } })[0]).toMatch(/is empty/);
    expect(problems({ env: { MILLRACE_ADMIN_PASSWORD_FILE: 'gone' } })).toEqual([
      `The file ${join(cwd, 'gone')} (named by MILLRACE_ADMIN_PASSWORD_FILE) does not exist.`,
    ]);
    write('millrace.yaml', 'adminPassword: geheim\n', 0o644);
    const found = problems({});
    expect(found[0]).toMatch(/chmod 600/);
    expect(found.join()).not.toContain('geheim');
    chmodSync(join(cwd, 'millrace.yaml'), 0o600);
    expect(load().config.adminPassword).toBe('geheim');
  });

  it('never show in the list of settings', () => {
    const listed = listSettings(load({ env: { MILLRACE_ADMIN_PASSWORD: 'geheim' } }));
    expect(listed.find((one) => one.name === 'adminPassword')!.value).toBe('********');
    expect(JSON.stringify(listed)).not.toContain('geheim');
  });

  it('nor does a child process inherit anything of ours', () => {
    expect(inheritableEnvironment({ PATH: '/bin', MILLRACE_ADMIN_PASSWORD: 'x', MILLRACE_PORT: '1' })).toEqual({
      PATH: '/bin',
    });
  });
});

describe('the table', () => {
  it('gives every setting one spelling of each kind', () => {
    expect(settingRows.find((row) => row.name === 'outbound.maxMiB')).toMatchObject({
      env: 'MILLRACE_OUTBOUND_MAX_MIB',
      flag: 'outbound-max-mib',
    });
    for (const key of ['name', 'env', 'flag'] as const) {
      expect(new Set(settingRows.map((row) => row[key])).size).toBe(settingRows.length);
    }
  });

  it('describes each in a sentence', () => {
    for (const row of settingRows) expect(row.description).toMatch(/^[A-Z].{10,}\.$/);
  });
});
