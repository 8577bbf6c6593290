import { readFile } from 'node:fs/promises';
import { fail, isMillraceError, type Problem, toProblem } from '../model/errors.ts';
import type { Json } from '../model/json.ts';
import { maySeal, type Sealer } from '../model/sealed.ts';
import type { Definition, Runtime } from '../runtime.ts';
import type { RunEnd, RunOrder, SentPayload } from './protocol.ts';
import { createRunContext, type StartedRun } from './run-context.ts';
import type { RecalledEntry, RunPorts } from './run-state.ts';

/** A run under way in this thread. */
export interface RunningJob {
  done: Promise<RunEnd>;
  /** Tells the run to stop; `done` settles once no effect of it is under way. */
  stop(reason: string): void;
}

/** One run of one job, from its order to how it ended. Never rejects. */
export function runJob(
  order: RunOrder,
  load: () => { runtime: Runtime; definition: Definition },
  ports: RunPorts,
  sealer?: Sealer,
): RunningJob {
  let started: StartedRun | undefined;
  let stopped: string | undefined;
  const attempt = async (): Promise<RunEnd> => {
    const { runtime, definition } = load();
    const { value: input, secrets } = await readInput(order.input, sealer);
    const recalled = await Promise.all(order.journal.map(recall));
    if (stopped !== undefined) return { kind: 'stopped' };
    started = createRunContext({ ...order.job, input }, recalled, order.waits, ports, secrets);
    const { context, suspended } = started;
    ports.touch();
    const end = await Promise.race([
      runtime
        .run(definition, context)
        .then((output): RunEnd => ({ kind: 'completed', output: JSON.stringify(output) ?? 'null' })),
      suspended.then((waits): RunEnd => ({ kind: 'waiting', waits })),
    ]);
    await started.quiet();
    return stopped === undefined ? end : { kind: 'stopped' };
  };
  const done = attempt().catch(async (error): Promise<RunEnd> => {
    started?.stop(error);
    await started?.quiet();
    return stopped === undefined ? { kind: 'failed', error: failureOf(error) } : { kind: 'stopped' };
  });
  return {
    done,
    stop(reason) {
      stopped ??= reason;
      started?.stop(fail('interrupted', reason));
    },
  };
}

async function readPayload(payload: SentPayload): Promise<Json> {
  if ('json' in payload) return JSON.parse(payload.json);
  if ('path' in payload) return JSON.parse(await readFile(payload.path, 'utf8'));
  return { state: 'completed', output: JSON.parse(await readFile(payload.childOutput, 'utf8')) };
}

/** The input with its secrets in clear; from here on the log hides them. */
async function readInput(
  input: RunOrder['input'],
  sealer: Sealer | undefined,
): Promise<{ value: Json; secrets: Json[] }> {
  if ('value' in input) return sealer && input.sealed ? sealer.open(input.value) : { value: input.value, secrets: [] };
  const text = await readFile(input.path, 'utf8');
  const value = JSON.parse(text) as Json;
  return sealer && maySeal(text) ? sealer.open(value) : { value, secrets: [] };
}

const recall = async (entry: RunOrder['journal'][number]): Promise<RecalledEntry> => {
  const { output, ...rest } = entry;
  return output === undefined ? rest : { ...rest, output: await readPayload(output) };
};

/** Errors of ours say what they are; anything else is a failed run whose message still helps its author. */
function failureOf(error: unknown): Problem {
  if (isMillraceError(error)) return toProblem(error);
  if (error instanceof RangeError && /call stack|string length/i.test(error.message)) {
    return toProblem(fail('limit-exceeded', `The run needs more than the interpreter can hold: ${error.message}.`));
  }
  return toProblem(fail('step-failed', error instanceof Error ? error.message : String(error)));
}
