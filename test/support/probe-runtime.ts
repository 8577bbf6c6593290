import { writeFile } from 'node:fs/promises';
import { fail } from '../../src/model/errors.ts';
import type { Json, JsonObject } from '../../src/model/json.ts';
import type { Definition, RunContext, Runtime } from '../../src/runtime.ts';

/** What a run of the probe does, one behaviour after the other; each is the input of a job. */
type Behaviour = (context: RunContext, input: JsonObject) => Promise<Json>;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const step = (context: RunContext, key: string, ms: number) =>
  context.step(key, { name: key, type: 'probe' }, async ({ attempt, signal }) => {
    const end = Date.now() + ms;
    while (Date.now() < end && !signal.aborted) await pause(5);
    signal.throwIfAborted();
    return { attempt };
  });

const behaviours: Record<string, Behaviour> = {
  answer: async (_context, input) => input,
  fail: async () => {
    throw fail('workflow-failed', 'It failed, as it was asked to.');
  },
  async flaky(context) {
    if (context.job.attempt < 3) throw fail('workflow-failed', `attempt ${context.job.attempt}`);
    return { attempt: context.job.attempt };
  },
  async steps(context, input) {
    const made: Json[] = [];
    for (let i = 0; i < Number(input['count']); i++) made.push(await step(context, `/${i}`, Number(input['ms'] ?? 0)));
    return made;
  },
  wait: async (context, input) =>
    context.wait(
      '/wait',
      { name: 'wait', type: 'wait' },
      { kind: 'timer', wakeAt: context.now() + Number(input['ms']) },
    ),
  /** Leaves a file behind, in a step. */
  mark: async (context, input) =>
    context.step('/mark', { name: 'mark', type: 'probe' }, async () => {
      await writeFile(String(input['file']), '');
      return null;
    }),
  async talk(context, input) {
    for (let n = 0; n < Number(input['lines']); n++) context.log({ level: 'info', text: `line ${n}` });
    return null;
  },
  async busy(context) {
    for (;;) await context.breathe();
  },
  async hang() {
    for (;;);
  },
  exit: async () => process.exit(3),
  async late() {
    setTimeout(() => {
      throw new RangeError('thrown by nobody in particular');
    }, 1);
    await pause(60_000);
    return null;
  },
  async deep() {
    const dive = (n: number): number => dive(n + 1) + 1;
    return dive(0);
  },
  /** Pays no attention to being told to stop. */
  async deaf() {
    await pause(60_000);
    return null;
  },
};

/** A runtime that behaves as its input says: for tests of what stands around a runtime. */
export const probeRuntime: Runtime = {
  name: 'probe',
  suffixes: ['.probe'],
  outline: () => [],
  parse: (): Definition => ({ info: { tags: {}, limits: {}, onInterrupted: 'resume' } }),
  async run(_definition, context) {
    const input = context.job.input as JsonObject;
    const behaviour = behaviours[String(input['do'])];
    if (!behaviour) throw fail('workflow-failed', `The probe cannot ${String(input['do'])}.`);
    return behaviour(context, input);
  },
};
