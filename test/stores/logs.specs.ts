import { expect, it } from 'vitest';
import { line, newJob, T0 } from './samples.ts';
import type { Subject } from './suite.ts';

export function logSpecs(subject: Subject): void {
  const job = async () => (await subject.store.insertJob(newJob())).job.id;

  it('keeps lines in order, numbered from 1, with all their fields', async () => {
    const id = await job();
    const lines = [line('a'), line('b\n\u0007 ⚙', { level: 'error', step: '/do/0', stream: 'stderr' })];
    await subject.store.appendLog(id, lines);
    await subject.store.appendLog(id, [line('c')]);
    const { lines: read, dropped } = await subject.store.readLog(id, { limit: 10 });
    expect(read).toEqual([...lines, line('c')].map((one, index) => ({ ...one, seq: index + 1 })));
    expect(dropped).toBe(0);
  });

  it('counts lines, warnings and errors of several logs at once', async () => {
    const [first, second, none] = [await job(), await job(), await job()];
    await subject.store.appendLog(first, [line('a'), line('b', { level: 'warn' })]);
    await subject.store.appendLog(first, [line('c', { level: 'error' }), line('d', { level: 'warn' })]);
    await subject.store.appendLog(second, [line('a')]);
    expect(await subject.store.countLogs([second, first, none])).toEqual([
      { job: first, lines: 4, warnings: 2, errors: 1 },
      { job: second, lines: 1, warnings: 0, errors: 0 },
    ]);
    expect(await subject.store.countLogs([])).toEqual([]);
  });

  it('reads from any place, the last so many, and those of one step', async () => {
    const id = await job();
    const steps = ['x', 'y', undefined];
    for (let chunk = 0; chunk < 10; chunk++) {
      const lines = Array.from({ length: 30 }, (_, index) => {
        const step = steps[index % 3];
        return line(`${chunk * 30 + index + 1} ${'.'.repeat(500)}`, step ? { step } : {});
      });
      await subject.store.appendLog(id, lines);
    }
    const seqs = async (query: { after?: number; tail?: number; step?: string; limit: number }) =>
      (await subject.store.readLog(id, query)).lines.map(({ seq }) => seq);
    expect(await seqs({ limit: 3 })).toEqual([1, 2, 3]);
    expect(await seqs({ after: 29, limit: 3 })).toEqual([30, 31, 32]);
    expect(await seqs({ after: 298, limit: 9 })).toEqual([299, 300]);
    expect(await seqs({ after: 300, limit: 9 })).toEqual([]);
    expect(await seqs({ tail: 4, limit: 100 })).toEqual([297, 298, 299, 300]);
    expect(await seqs({ tail: 40, after: 298, limit: 100 })).toEqual([299, 300]);
    expect(await seqs({ tail: 0, limit: 100 })).toEqual([]);
    expect(await seqs({ tail: 2, step: 'x', limit: 100 })).toEqual([295, 298]);
    expect(await seqs({ step: 'y', after: 3, limit: 2 })).toEqual([5, 8]);
  });

  it('counts what goes beyond the limit instead of keeping it', async () => {
    const id = await job();
    const lines = Array.from({ length: 300 }, () => line('x'.repeat(1_000)));
    await subject.store.appendLog(id, lines);
    const { lines: kept, dropped } = await subject.store.readLog(id, { limit: 1_000 });
    expect(kept.length).toBeGreaterThan(150);
    expect(kept.length).toBeLessThan(200);
    expect(kept.length + dropped).toBe(300);
    await subject.store.appendLog(id, [line('short')]);
    expect((await subject.store.readLog(id, { limit: 1_000 })).dropped).toBe(dropped + 1);
  });

  it('refuses lines and files of a job that is not there', async () => {
    await expect(subject.store.appendLog(9, [line('a')])).rejects.toMatchObject({ code: 'not-found' });
    await expect(subject.store.addFiles(9, [], T0)).rejects.toMatchObject({ code: 'not-found' });
    expect(await subject.store.readLog(9, { limit: 5 })).toEqual({ lines: [], dropped: 0 });
  });

  it('keeps files by direction and name, the last one of a name', async () => {
    const id = await job();
    const file = {
      name: 'a b.csv',
      direction: 'out' as const,
      contentType: 'text/csv',
      blob: '1'.repeat(64),
      bytes: 5,
    };
    await subject.store.addFiles(id, [file, { ...file, direction: 'in' }], T0);
    await subject.store.addFiles(id, [{ ...file, bytes: 6 }], T0 + 1);
    expect(await subject.store.listFiles(id)).toEqual([
      { ...file, direction: 'in', createdAt: T0 },
      { ...file, bytes: 6, createdAt: T0 + 1 },
    ]);
  });
}
