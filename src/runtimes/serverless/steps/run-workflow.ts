import { posix } from 'node:path';
import { errorFrom, type Problem } from '../../../model/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../model/json.ts';
import { type At, fields, object, string } from '../check.ts';
import { raise } from '../errors.ts';
import { wholeExpression } from '../interpolate.ts';
import type { Body, Frame } from '../model.ts';
import type { RunOptions } from '../process/result.ts';
import type { Site } from '../site.ts';

/**
 * `run: workflow`: a job of its own. Which workflow is meant: a `namespace` equal to that of the caller's own document,
 * or `.`, is the caller's folder; any other is a folder from the root of the repository, its parts joined with `/` or
 * with `.`. `name` is the file there, without its suffix. The job takes the version that serves when it is submitted.
 */
export function compileSubWorkflow(at: At, { awaited, returned }: RunOptions, site: Site): Body {
  const read = fields(at, {
    what: '"workflow"',
    known: ['namespace', 'name', 'version', 'input'],
    required: ['namespace', 'name', 'version'],
  });
  const namespace = string(read?.get('namespace'), 'workflow.namespace') ?? '';
  const name = string(read?.get('name'), 'workflow.name') ?? '';
  string(read?.get('version'), 'workflow.version');
  const place = read?.get('input');
  // An expression may give the input as a whole.
  if (typeof place?.value !== 'string' || wholeExpression(place.value) === undefined) object(place, 'workflow.input');
  const input = place ? site.template(place) : undefined;
  if (name.includes('/'))
    at.check.issue(at.pointer, 'workflow.name is a name, without "/"; the folder belongs into "namespace".');
  return async (frame) => {
    const { task } = frame.task!;
    const workflow = pathOf(frame.context.job.workflow, site.document.namespace, namespace, name);
    const data = input ? input(frame, frame.input) : {};
    const info = { name: task.name, type: task.type };
    const child = await frame.context.submitChild(`${frame.key}#submit`, info, { workflow, input: data });
    if (!awaited) return { output: frame.input };
    const ended = await awaitChild(frame, child.id);
    return { output: returned === 'none' ? null : outputOf(ended, workflow) };
  };
}

/** Repository path of the workflow meant. */
export function pathOf(caller: string, ownNamespace: string, namespace: string, name: string): string {
  const own = namespace === ownNamespace || namespace === '.' || namespace === '';
  if (own) return posix.join(posix.dirname(caller), name);
  return posix.join('/', namespace.includes('/') ? namespace : namespace.replaceAll('.', '/'), name);
}

/** Waits for the end of the child; when only this branch of the run is given up, the child is ended with it. */
async function awaitChild(frame: Frame, child: number): Promise<JsonObject> {
  const { context, run } = frame;
  const { task } = frame.task!;
  const giveUp = () => {
    if (run.context.signal().aborted) return;
    run.context.cancelChild(child, `The step "${task.name}" that waited for it was given up.`).catch(() => {});
  };
  context.signal().addEventListener('abort', giveUp, { once: true });
  try {
    const ended = await context.wait(frame.key, { name: task.name, type: task.type }, { kind: 'job', child });
    return ended as JsonObject;
  } finally {
    context.signal().removeEventListener('abort', giveUp);
  }
}

function outputOf(ended: JsonObject, workflow: string): Json {
  if (ended['state'] === 'completed') return ended['output'] ?? null;
  if (ended['state'] === 'cancelled') throw raise('runtime', `The job of ${workflow} was cancelled.`);
  const problem = ended['error'];
  if (!isJsonObject(problem)) throw raise('runtime', `The job of ${workflow} failed.`);
  // The place within the other workflow means nothing here; the error is that of this step.
  const { instance: _inner, ...rest } = problem;
  const detail = typeof rest['detail'] === 'string' ? `: ${rest['detail']}` : '.';
  throw errorFrom({ ...rest, detail: `The job of ${workflow} failed${detail}` } as unknown as Problem);
}
