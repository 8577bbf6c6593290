import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { settingRows } from '../../src/config.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (name: string) => readFileSync(join(root, name), 'utf8');
const packageFile = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;

const hasSystemd = existsSync('/usr/bin/systemd-analyze');

describe('docs/settings.md', () => {
  it('lists every setting with its variable and flag, as the table has them', () => {
    const text = read('docs/settings.md');
    for (const row of settingRows) {
      expect(text).toContain(`| \`${row.name}\` |`);
      expect(text).toContain(`\`${row.env}\``);
      expect(text).toContain(`\`--${row.flag}\``);
    }
    execFileSync(process.execPath, ['--import', 'tsx', 'scripts/settings.ts', '--check'], { cwd: root });
  });
});

describe('docs/dependencies.md', () => {
  it('has one line for each dependency, and no other', () => {
    const [runtime, development] = read('docs/dependencies.md').split('## For development');
    const named = (text: string) =>
      [...text.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell]) => cell!.replaceAll('`', '').split(', '));
    expect(named(runtime!).sort()).toEqual(Object.keys(packageFile['dependencies']!).sort());
    expect(named(development!).sort()).toEqual(Object.keys(packageFile['devDependencies']!).sort());
  });

  it('lets one package alone run a script when it is installed', () => {
    expect(packageFile['allowScripts']).toEqual({ 'better-sqlite3': true });
  });
});

describe('the versions installed', () => {
  // Each has a known hole below.
  it.each([
    ['fastify', '5.12.1'],
    ['undici', '7.29.1'],
    ['@fastify/static', '10.1.1'],
  ])('of %s are %s or newer', (name, least) => {
    const { version } = JSON.parse(read(`node_modules/${name}/package.json`)) as { version: string };
    expect(version.localeCompare(least, 'en', { numeric: true })).toBeGreaterThanOrEqual(0);
  });
});

describe('links between documents', () => {
  const documents = [
    'README.md',
    ...readdirSync(join(root, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ];

  it.each(documents)('in %s lead somewhere', (name) => {
    for (const [, target] of read(name).matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect([target, existsSync(join(root, dirname(name), target!))]).toEqual([target, true]);
    }
  });

  it('and settings named in them exist', () => {
    const known = settingRows.flatMap((row) => (row.secret ? [row.env, `${row.env}_FILE`] : [row.env]));
    const others = [
      'MILLRACE_CONFIG',
      'MILLRACE_URL',
      'MILLRACE_USER',
      'MILLRACE_PASSWORD',
      'MILLRACE_TOKEN',
      // Given to the steps of workflows.
      'MILLRACE_ATTEMPT',
      'MILLRACE_IDEMPOTENCY_KEY',
    ];
    for (const name of [...documents, 'docker/Dockerfile', 'docker/compose.yaml', 'docs/millrace.service']) {
      for (const [variable] of read(name).matchAll(/MILLRACE_[A-Z_]+/g)) {
        expect([name, variable, [...known, ...others].includes(variable)]).toEqual([name, variable, true]);
      }
    }
  });
});

describe.runIf(hasSystemd)('the systemd unit', () => {
  it('is hardened: exposure of at most 2.0', () => {
    const report = execFileSync(
      'systemd-analyze',
      ['security', '--offline=true', '--no-pager', 'docs/millrace.service'],
      {
        cwd: root,
        encoding: 'utf8',
      },
    );
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(report)![1]);
    expect(exposure).toBeLessThanOrEqual(2);
  });
});

describe('the container image', () => {
  const lines = read('docker/Dockerfile').split('\n');
  const valuesOf = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));

  it('is built in one stage and run in another, as a user with a number, from the port its health check asks', () => {
    expect(valuesOf('FROM')).toEqual(['node:22-bookworm-slim AS build', 'node:22-bookworm-slim']);
    expect(valuesOf('USER')).toEqual(['10001:10001']);
    expect(valuesOf('STOPSIGNAL')).toEqual(['SIGTERM']);
    expect(valuesOf('EXPOSE')).toEqual(['8080']);
    expect(read('docker/Dockerfile')).toMatch(/^HEALTHCHECK .*\\\n +CMD \["node", "-e", ".*\/readyz.*"\]$/m);
  });

  it('copies only what is there and not kept out', () => {
    const kept = read('docker/Dockerfile.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const sources = valuesOf('COPY')
      .filter((line) => !line.startsWith('--from'))
      .flatMap((line) => line.split(' ').slice(0, -1));
    for (const source of sources) {
      expect([source, existsSync(join(root, source))]).toEqual([source, true]);
      expect([source, kept.some((one) => source === one || source.startsWith(`${one}/`))]).toEqual([source, true]);
    }
  });

  it('holds nothing secret and mounts no engine', () => {
    const all = ['docker/Dockerfile', 'docker/compose.yaml'].map(read).join('\n');
    expect(all).not.toMatch(/^\s*(ENV|MILLRACE_ADMIN_PASSWORD:|- MILLRACE_ADMIN_PASSWORD=)\s*\S*PASSWORD=?\S/m);
    expect(all).not.toContain('docker.sock');
    expect(all).toMatch(/read_only: true/);
    expect(all).toMatch(/cap_drop: \[ALL\]/);
  });
});
