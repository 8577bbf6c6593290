import { isAbsolute, join, normalize } from 'node:path';
import { fail } from '../model/errors.ts';
import type { ProcessRequest } from '../model/process.ts';
import { checked } from './environment.ts';

export type ContainerRequest = Extract<ProcessRequest, { kind: 'container' }>;

export interface ContainerPlan {
  /** Name of the container, by which it is stopped. */
  name: string;
  /** The private folder; relative volumes lie in it. */
  folder: string;
  /** File with the variables, see `environmentFile`. */
  environmentFile: string;
  memoryBytes: number;
  processes: number;
}

/** Arguments of `docker run` or `podman run`; everything is a word of its own, nothing passes a shell. */
export function containerArguments(request: ContainerRequest, plan: ContainerPlan): string[] {
  const { lines, rest } = splitEnvironment(request.environment);
  if (request.image === '' || request.image.startsWith('-') || /\s/.test(request.image)) {
    throw fail('invalid-definition', `${JSON.stringify(request.image)} is not the name of an image.`);
  }
  return [
    ...['run', '--rm', '--init', '--name', plan.name],
    ...(request.stdin === undefined ? [] : ['--interactive']),
    ...['--pull', pullPolicies[request.pullPolicy ?? 'ifNotPresent']],
    ...['--memory', String(plan.memoryBytes), '--pids-limit', String(plan.processes)],
    ...['--security-opt', 'no-new-privileges'],
    ...(lines.length > 0 ? ['--env-file', plan.environmentFile] : []),
    ...rest.flatMap((pair) => ['--env', pair]),
    ...Object.entries(request.ports).flatMap(([host, inside]) => ['--publish', publish(host, inside)]),
    ...Object.entries(request.volumes).flatMap(([host, inside]) => ['--volume', volume(host, inside, plan.folder)]),
    request.image,
    ...splitWords(request.command ?? ''),
    ...request.arguments,
  ];
}

const pullPolicies = { always: 'always', ifNotPresent: 'missing', never: 'never' } as const;

/** The variables as the engine's `--env-file` wants them. They are not arguments: every user of the machine sees those. */
export const environmentFile = (environment: Record<string, string>): string =>
  splitEnvironment(environment)
    .lines.map((line) => `${line}\n`)
    .join('');

/** Such a file has one line for each variable, without quoting: what cannot stand in it goes as an argument after all. */
function splitEnvironment(environment: Record<string, string>): { lines: string[]; rest: string[] } {
  const lines: string[] = [];
  const rest: string[] = [];
  for (const [name, value] of Object.entries(checked(environment))) {
    const fits = !/[\r\n]/.test(value) && /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name);
    (fits ? lines : rest).push(`${name}=${value}`);
  }
  return { lines, rest };
}

/** `8080` → port of the container, on the loopback address unless the definition names another. */
function publish(host: string, inside: string): string {
  const address = /^(?:(.+):)?(\d{1,5})$/.exec(host);
  if (!address || !/^\d{1,5}(\/(tcp|udp|sctp))?$/.test(inside)) {
    throw fail('invalid-definition', `The port mapping ${host}: ${inside} is not "host port: container port".`);
  }
  return `${address[1] ?? '127.0.0.1'}:${address[2]}:${inside}`;
}

/** A host folder, a named volume, or with `./` a folder within the private one. */
function volume(host: string, inside: string, folder: string): string {
  const [target = '', mode, ...more] = inside.split(':');
  const relative = host.startsWith('./') ? normalize(host) : undefined;
  const valid =
    !host.includes(':') &&
    more.length === 0 &&
    isAbsolute(target) &&
    (mode === undefined || mode === 'ro' || mode === 'rw') &&
    (isAbsolute(host) ||
      /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(host) ||
      (relative !== undefined && !relative.startsWith('..')));
  if (!valid) {
    throw fail(
      'invalid-definition',
      `The volume ${host}: ${inside} is not "host folder or volume name: container folder".`,
    );
  }
  return `${relative === undefined ? host : join(folder, relative)}:${target}${mode ? `:${mode}` : ''}`;
}

/** A name that engines accept, unique by its end. */
export const containerName = (request: ContainerRequest, unique: string): string => {
  const readable = (request.name ?? request.label).replace(/[^A-Za-z0-9_.-]+/g, '-').slice(0, 80);
  return `millrace-${readable}-${unique}`;
};

/**
 * Splits a command line into words as a shell would (POSIX shell, section 2.2 on quoting), without doing anything else
 * a shell does: no variables, no patterns, no substitution.
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    const next = text[at + 1];
    if (quote !== '') {
      if (character === quote) quote = '';
      else if (quote === '"' && character === '\\' && next !== undefined && '"\\$`'.includes(next)) {
        word += next;
        at += 1;
      } else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === '\\' && next !== undefined) {
      word = (word ?? '') + next;
      at += 1;
    } else word = (word ?? '') + character;
  }
  if (quote !== '') throw fail('invalid-definition', `The container's command has an open quote ${quote}.`);
  if (word !== undefined) words.push(word);
  return words;
}
