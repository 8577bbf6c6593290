import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { authorization, type Goal, order, startMillrace } from './support.ts';

/** Counts the fsyncs behind each answer at one connection: below one, the answer is given before the disk has it. */
export async function measureSyncs(count: number): Promise<Goal[]> {
  if (spawnSync('strace', ['-V']).status !== 0) {
    console.log('skipped fsync counts: strace is not installed');
    return [];
  }
  const server = await startMillrace();
  const post = async (path: string) => {
    const response = await fetch(server.url + path, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ workflow: '/noop', input: order }),
    });
    await response.arrayBuffer();
  };
  const perRequest = async (path: string): Promise<number> => {
    for (let i = 0; i < 20; i++) await post(path);
    await sleep(500);
    const file = join(mkdtempSync(join(tmpdir(), 'millrace-strace-')), 'calls');
    const strace = spawn('strace', ['-f', '-q', '-p', String(server.pid), '-e', 'trace=fsync,fdatasync', '-o', file], {
      stdio: 'ignore',
    });
    await sleep(1_000);
    for (let i = 0; i < count; i++) await post(path);
    await sleep(300);
    strace.kill('SIGINT');
    await new Promise((resolve) => strace.once('exit', resolve));
    const calls = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => /f(data)?sync\(\d+/.test(line));
    return calls.length / count;
  };
  try {
    const submit = await perRequest('/jobs');
    const run = await perRequest('/execution');
    return [
      { name: 'fsyncs per acknowledged job', value: submit, goal: '>= 1' },
      { name: 'fsyncs per stored synchronous run', value: run, goal: '<= 1.05' },
      { name: 'fsyncs per stored synchronous run, at least', value: run, goal: '>= 1' },
    ];
  } finally {
    await server.stop();
  }
}
