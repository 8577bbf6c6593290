import { describe, expect, test } from 'vitest';
import {
  type ContainerRequest,
  containerArguments,
  containerName,
  environmentFile,
  splitWords,
} from '../../src/processes/container-command.ts';
import { run, startPool, temporaryFolder } from './support.ts';

const request = (more: Partial<ContainerRequest> = {}): ContainerRequest => ({
  kind: 'container',
  label: 'job/step',
  environment: {},
  image: 'alpine:3',
  arguments: [],
  ports: {},
  volumes: {},
  ...more,
});

const plan = {
  name: 'millrace-x',
  folder: '/work/run',
  environmentFile: '/work/run/.environment',
  memoryBytes: 1000,
  processes: 8,
};
const words = (more: Partial<ContainerRequest>) => containerArguments(request(more), plan);
const valuesOf = (list: string[], flag: string) =>
  list.flatMap((word, index) => (word === flag ? [list[index + 1]] : []));

describe('the arguments of a container', () => {
  test('are those of `run`, removed at its end, with an init process, limits, and no new privileges', () => {
    expect(words({})).toEqual(
      (
        'run --rm --init --name millrace-x --pull missing --memory 1000 --pids-limit 8 ' +
        '--security-opt no-new-privileges alpine:3'
      ).split(' '),
    );
  });

  test('end with the command and its arguments as single words', () => {
    const list = words({ command: 'sh -c "echo $0"', arguments: ['a b', '$(id)'] });
    expect(list.slice(list.indexOf('alpine:3'))).toEqual(['alpine:3', 'sh', '-c', 'echo $0', 'a b', '$(id)']);
  });

  test.each([
    ['always', 'always'],
    ['ifNotPresent', 'missing'],
    ['never', 'never'],
  ] as const)('pull policy %s is --pull %s', (policy, word) => {
    expect(valuesOf(words({ pullPolicy: policy }), '--pull')).toEqual([word]);
  });

  test('publish ports on the loopback address unless another is named', () => {
    const list = words({ ports: { '8080': '80', '0.0.0.0:53': '5353/udp' } });
    expect(valuesOf(list, '--publish')).toEqual(['127.0.0.1:8080:80', '0.0.0.0:53:5353/udp']);
  });

  test('mount folders, named volumes, and with ./ folders of the run', () => {
    const list = words({ volumes: { '/srv/data': '/data:ro', cache: '/cache', './out': '/out' } });
    expect(valuesOf(list, '--volume')).toEqual(['/srv/data:/data:ro', 'cache:/cache', '/work/run/out:/out']);
  });

  test('hand over variables by a file, those with line breaks alone as arguments', () => {
    const environment = { A: 'secret value', B: 'two\nlines' };
    const list = words({ environment });
    expect(valuesOf(list, '--env-file')).toEqual(['/work/run/.environment']);
    expect(valuesOf(list, '--env')).toEqual(['B=two\nlines']);
    expect(environmentFile(environment)).toBe('A=secret value\n');
    expect(list.join(' ')).not.toContain('secret');
  });

  test('keep standard input open only when there is some', () => {
    expect(words({ stdin: 'x' })).toContain('--interactive');
    expect(words({})).not.toContain('--interactive');
  });

  test.each([
    { image: '--privileged' },
    { image: '' },
    { image: 'a b' },
    { ports: { x: '80' } },
    { ports: { '80': '80 --privileged' } },
    { volumes: { '/a:/b': '/c' } },
    { volumes: { '/a': 'relative' } },
    { volumes: { '../..': '/c' } },
    { volumes: { './../..': '/c' } },
    { volumes: { '/a': '/b:rw:z' } },
    { volumes: { '--privileged': '/c' } },
    { command: 'echo "open' },
    { environment: { 'A=B': 'c' } },
  ] as Partial<ContainerRequest>[])('are refused for %j', (more) => {
    expect(() => words(more)).toThrow(expect.objectContaining({ code: 'invalid-definition' }));
  });
});

test.each([
  ['', []],
  ['  a  b ', ['a', 'b']],
  [`a 'b c' "d e"f`, ['a', 'b c', 'd ef']],
  [`"" ''`, ['', '']],
  [String.raw`a\ b "c\"d" 'e\f' "g\h"`, ['a b', 'c"d', String.raw`e\f`, String.raw`g\h`]],
  ['$HOME $(id) `id` *', ['$HOME', '$(id)', '`id`', '*']],
])('the command %j is split into words as a shell does, without expanding anything', (text, expected) => {
  expect(splitWords(text)).toEqual(expected);
});

test('a container has a readable, safe and unique name', () => {
  expect(containerName(request({ label: '7f3a/do/0/naïve step' }), 'abc')).toBe('millrace-7f3a-do-0-na-ve-step-abc');
  expect(containerName(request({ name: '--rm $(id)' }), 'abc')).toBe('millrace---rm-id--abc');
});

describe('without an engine', () => {
  test('the error says that docker or podman is missing', async () => {
    const { pool } = await startPool({ warm: 0, environment: { PATH: temporaryFolder() } });
    const error = await run(pool, request()).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'unavailable-feature' });
    expect(String(error)).toMatch(/docker: not found; podman: not found/);
  });

  test('an engine whose daemon does not answer is named with its own words', async () => {
    const { pool } = await startPool({
      warm: 0,
      container: 'docker',
      environment: { PATH: process.env['PATH'], DOCKER_HOST: 'tcp://127.0.0.1:1', HOME: temporaryFolder() },
    });
    const error = await run(pool, request()).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'unavailable-feature' });
    expect(String(error)).toMatch(/\(docker: /);
  });
});
