import { describe, expect, it } from 'vitest';
import { fail } from '../../src/model/errors.ts';
import type { Json } from '../../src/model/json.ts';
import type { Wait } from '../../src/model/run.ts';
import type { RunContext, RunJob } from '../../src/runtime.ts';
import type { Ask } from '../../src/worker/protocol.ts';
import { createRunContext } from '../../src/worker/run-context.ts';
import type { RecalledEntry, RunPorts } from '../../src/worker/run-state.ts';

const job: RunJob = {
  id: 1,
  uuid: '6f9b1d5e-0000-4000-8000-000000000001',
  workflow: '/a',
  version: 'v',
  input: {},
  owner: 'ada',
  labels: {},
  dialect: 'native',
  attempt: 1,
  createdAt: 0,
  startedAt: 1_000,
  files: [],
};

/** A run whose commits are kept in `journal`, as the store would. */
function start(
  journal: RecalledEntry[] = [],
  waits: Wait[] = [],
  answer: (ask: Ask) => unknown = () => null,
  own: Partial<RunPorts> = {},
) {
  let now = 2_000;
  const lines: string[] = [];
  const ports: RunPorts = {
    clock: () => now,
    outbound: { request: () => Promise.reject(fail('internal', 'no network here')), close: async () => {} } as never,
    async ask(ask) {
      await Promise.resolve();
      if (ask.kind !== 'commit') return answer(ask);
      const entry: RecalledEntry =
        ask.output === undefined ? ask.entry : { ...ask.entry, output: JSON.parse(ask.output) };
      const at = journal.findIndex(({ key }) => key === entry.key);
      if (at >= 0) journal[at] = entry;
      else journal.push(entry);
      return undefined;
    },
    stored: () => undefined,
    begun: (entry) => {
      if (!journal.some(({ key }) => key === entry.key)) journal.push(entry as RecalledEntry);
    },
    log: (line) => void lines.push(line.text),
    touch: () => {},
    ...own,
  };
  const run = createRunContext(job, structuredClone(journal), waits, ports);
  return {
    ...run,
    journal,
    lines,
    tick(by: number): void {
      now += by;
    },
  };
}

const info = { name: 'one', type: 'test' };
const timer = (context: RunContext, key: string, wakeAt: number) => context.wait(key, info, { kind: 'timer', wakeAt });

describe('a step', () => {
  it('is done once: a later run takes its outcome from the journal', async () => {
    const first = start();
    expect(await first.context.step('/do/0', info, async () => 42)).toBe(42);
    const second = start(first.journal);
    const effect = async (): Promise<Json> => expect.fail('done again');
    expect(await second.context.step('/do/0', info, effect)).toBe(42);
  });

  it('that failed fails again in a later run, with the same problem', async () => {
    const first = start();
    const effect = async () => {
      throw fail('step-failed', { detail: 'no such host', extra: { kind: 'communication' } });
    };
    await expect(first.context.step('/do/0', info, effect)).rejects.toThrow('no such host');
    const second = start(first.journal);
    const again = second.context.step('/do/0', info, async () => 1);
    await expect(again).rejects.toMatchObject({ code: 'step-failed', options: { extra: { kind: 'communication' } } });
  });

  it('that was cut off is begun again with its next attempt and the same idempotency key', async () => {
    const journal: RecalledEntry[] = [{ key: '/do/0', ...info, state: 'begun', attempt: 2, startedAt: 5 }];
    const { context } = start(journal);
    const seen = await context.step('/do/0', info, async ({ attempt, idempotencyKey }) => ({
      attempt,
      idempotencyKey,
    }));
    expect(seen).toEqual({ attempt: 3, idempotencyKey: `${job.uuid}:/do/0` });
  });

  it('that is stopped leaves no outcome', async () => {
    const run = start();
    const step = run.context.step(
      '/do/0',
      info,
      ({ signal }) => new Promise<Json>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    run.stop(fail('interrupted', 'stop'));
    await expect(step).rejects.toThrow('stop');
    await run.quiet();
    expect(run.journal.map(({ state }) => state)).toEqual(['begun']);
  });
});

describe('a job that is not on disk yet', () => {
  const waiting = () => {
    let store = () => {};
    const onDisk = new Promise<void>((resolve) => {
      store = resolve;
    });
    const sent: string[] = [];
    const request = async ({ url }: { url: string }) => void sent.push(url);
    const own = { stored: () => onDisk, outbound: { request, close: async () => {} } as never };
    return { run: start([], [], () => null, own), sent, store: () => store() };
  };
  const turns = () => new Promise((resolve) => setTimeout(resolve, 5));

  it('begins no step before it is', async () => {
    const { run, store } = waiting();
    let begun = false;
    const done = run.context.step('/do/0', info, async () => {
      begun = true;
      return 1;
    });
    await turns();
    expect([begun, run.journal]).toEqual([false, []]);
    store();
    expect(await done).toBe(1);
  });

  it('sends no request before it is', async () => {
    const { run, sent, store } = waiting();
    const done = run.context.outbound.request({ url: 'http://192.0.2.1/' } as never);
    await turns();
    expect(sent).toEqual([]);
    store();
    await done;
    expect(sent).toEqual(['http://192.0.2.1/']);
  });

  it('begins no step at all when it is told to stop meanwhile', async () => {
    const { run, store } = waiting();
    const done = run.context.step('/do/0', info, async () => expect.fail('begun'));
    run.stop(fail('interrupted', 'stop'));
    store();
    await expect(done).rejects.toThrow('stop');
    expect(run.journal).toEqual([]);
  });
});

describe('time', () => {
  it('is that of the last journaled step, so that a later run sees the same', async () => {
    const first = start();
    expect(first.context.now()).toBe(1_000);
    await first.context.step('/do/0', info, async () => {
      first.tick(500);
      return null;
    });
    const seen = first.context.now();
    expect(seen).toBe(2_500);
    const second = start(first.journal);
    second.tick(60_000);
    await second.context.step('/do/0', info, async () => null);
    expect(second.context.now()).toBe(seen);
  });
});

describe('a wait', () => {
  it('ends the run as waiting when nothing else can go on', async () => {
    const run = start();
    void timer(run.context, '/do/0', 9_999);
    expect(await run.suspended).toMatchObject([{ key: '/do/0', kind: 'timer', wakeAt: 9_999 }]);
  });

  it('keeps its time when a later run waits again', async () => {
    const open: Wait = { key: '/do/0', ...info, kind: 'timer', wakeAt: 7_777, createdAt: 1 };
    const run = start([], [open]);
    void timer(run.context, '/do/0', 9_999);
    expect(await run.suspended).toEqual([open]);
  });

  it('is answered while another branch still works', async () => {
    const run = start();
    let release = (_: Json) => {};
    const work = run.context.all([
      (context) => timer(context, '/a', 2_010),
      (context) =>
        context.step(
          '/b',
          info,
          () =>
            new Promise<Json>((resolve) => {
              release = resolve;
            }),
        ),
    ]);
    await expect.poll(() => run.journal.find(({ key }) => key === '/a')?.state).toBe('completed');
    release('b');
    expect(await work).toEqual([null, 'b']);
  });

  it('ends the run with the waits of all branches', async () => {
    const run = start();
    void run.context.all([
      (c) => timer(c, '/a', 90_000),
      (c) => c.all([(d) => timer(d, '/b', 80_000), async () => null]),
    ]);
    expect((await run.suspended).map(({ key }) => key)).toEqual(['/a', '/b']);
  });

  it('of a branch does not end a run that can go on elsewhere', async () => {
    const run = start();
    let suspended = false;
    void run.suspended.then(() => {
      suspended = true;
    });
    let release = () => {};
    void run.context.all([
      (c) => timer(c, '/a', 90_000),
      () =>
        new Promise<null>((resolve) => {
          release = () => resolve(null);
        }),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(suspended).toBe(false);
    release();
    await run.suspended;
  });
});

describe('a race', () => {
  it('is won by the first branch; the other is told to stop', async () => {
    const run = start();
    let stopped = false;
    const won = await run.context.race('/race', [
      (context) => context.step('/fast', info, async () => 'fast'),
      (context) =>
        new Promise<string>((_, reject) =>
          context.signal().addEventListener('abort', () => {
            stopped = true;
            reject(context.signal().reason);
          }),
        ),
    ]);
    expect(won).toEqual({ index: 0, value: 'fast' });
    expect(stopped).toBe(true);
  });

  it('has the same winner in a later run, and the loser is not started', async () => {
    const first = start();
    await first.context.race('/race', [
      (c) => timer(c, '/slow', 99_000),
      (c) => c.step('/fast', info, async () => 'fast'),
    ]);
    const second = start(first.journal);
    const won = await second.context.race<Json>('/race', [
      async () => expect.fail('the loser was started'),
      (c) => c.step('/fast', info, async () => expect.fail('done again')),
    ]);
    expect(won).toEqual({ index: 1, value: 'fast' });
  });

  it('against a timer that is due is decided by the timer', async () => {
    const run = start();
    const won = run.context.race('/race', [(c) => timer(c, '/limit', 1_500), () => new Promise<Json>(() => {})]);
    expect((await won).index).toBe(0);
  });

  it('leaves the run able to wait afterwards', async () => {
    const run = start();
    await run.context.race('/race', [(c) => timer(c, '/limit', 90_000), async () => null]);
    void timer(run.context, '/next', 80_000);
    expect((await run.suspended).map(({ key }) => key)).toEqual(['/next']);
  });
});

describe('branches side by side', () => {
  it('fail together with the first failure', async () => {
    const run = start();
    const all = run.context.all([
      (c) =>
        c.step('/bad', info, async () => {
          throw fail('step-failed', 'bad');
        }),
      (c) => timer(c, '/never', 90_000),
    ]);
    await expect(all).rejects.toThrow('bad');
    void timer(run.context, '/after', 70_000);
    expect((await run.suspended).map(({ key }) => key)).toEqual(['/after']);
  });

  it('with none are done at once', async () => {
    expect(await start().context.all([])).toEqual([]);
  });
});

describe('a secret', () => {
  it('is hidden in every later log line, also encoded', async () => {
    const run = start([], [], () => 'pa:ss word');
    await run.context.secret('key');
    run.context.log({ level: 'info', text: 'a pa:ss word b pa%3Ass%20word c cGE6c3Mgd29yZA==' });
    expect(run.lines).toEqual(['a *** b *** c ***']);
  });
});
