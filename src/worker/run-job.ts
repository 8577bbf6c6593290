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
    const { job } = order;
    let { sealed } = order;
    if (order.path !== undefined) {
      const text = await readFile(order.path, 'utf8');
      job.input = JSON.parse(text);
      sealed = maySeal(text);
    }
    let secrets: Json[] = [];
    if (sealer && sealed) ({ value: job.input, secrets } = sealer.open(job.input));
    const recalled = order.journal.length === 0 ? [] : await Promise.all(order.journal.map(recall));
    if (stopped !== undefined) return { kind: 'stopped' };
    started = createRunContext(job, recalled, order.waits, ports, secrets);
    const { context, suspended } = started;
    ports.touch();
    const end = await new Promise<RunEnd>((resolve, reject) => {
      runtime.run(definition, context).then((output) => resolve({ kind: 'completed', output: textOf(output) }), reject);
      void suspended.then((waits) => resolve({ kind: 'waiting', waits }));
    });
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

const textOf = (value: Json): string => JSON.stringify(value) ?? 'null';

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
