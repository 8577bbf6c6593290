import { type At, fields, oneOf, string } from '../check.ts';
import type { Body, Frame } from '../model.ts';
import type { Site } from '../site.ts';
import { asText } from '../template.ts';
import { commandArguments, common, compileArguments, compileMap, compileStdin } from './arguments.ts';
import { type RunOptions, runProcess } from './result.ts';

const known = [
  'image',
  'name',
  'command',
  'ports',
  'volumes',
  'environment',
  'stdin',
  'arguments',
  'lifetime',
  'pullPolicy',
];

/** `run: container` (DSL reference, "Container Process"), through a docker or podman command of this machine. */
export function compileContainer(at: At, options: RunOptions, site: Site): Body {
  const read = fields(at, { what: '"container"', known, required: ['image'] });
  const text = (name: string): ((frame: Frame) => string | undefined) => {
    const place = read?.get(name);
    string(place, `container.${name}`);
    const shape = place && site.template(place);
    return (frame) => (shape ? asText(shape(frame, frame.input)) : undefined);
  };
  const image = text('image');
  const name = text('name');
  const command = text('command');
  const given = compileArguments(read?.get('arguments'), site);
  const environment = compileMap(read?.get('environment'), 'container.environment', site);
  const ports = compileMap(read?.get('ports'), 'container.ports', site);
  const volumes = compileMap(read?.get('volumes'), 'container.volumes', site);
  const stdin = compileStdin(read?.get('stdin'), site);
  const pullPolicy = oneOf(read?.get('pullPolicy'), 'container.pullPolicy', [
    'ifNotPresent',
    'always',
    'never',
  ] as const);
  checkLifetime(read?.get('lifetime'), site);
  return (frame) => {
    const base = common(frame, environment(frame), stdin(frame));
    const named = name(frame);
    const entry = command(frame);
    return runProcess(frame, options, () => ({
      ...base,
      kind: 'container',
      image: image(frame) ?? '',
      arguments: commandArguments(given, frame),
      ports: ports(frame),
      volumes: volumes(frame),
      ...(named === undefined ? {} : { name: named }),
      ...(entry === undefined ? {} : { command: entry }),
      ...(pullPolicy === undefined ? {} : { pullPolicy }),
    }));
  };
}

/** Containers are removed when they end, whatever is said here; what is said is only checked. */
function checkLifetime(at: At | undefined, site: Site): void {
  const read = at && fields(at, { what: 'lifetime', known: ['cleanup', 'after'], required: ['cleanup'] });
  const cleanup = oneOf(read?.get('cleanup'), 'lifetime.cleanup', ['always', 'never', 'eventually'] as const);
  const after = read?.get('after');
  if (after) site.duration(after, 'lifetime.after');
  if (at && cleanup && (cleanup === 'eventually') !== (after !== undefined)) {
    at.check.issue(at.pointer, 'lifetime.after belongs to "cleanup: eventually", and only to it.');
  }
}
