import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';

export const workflows = fileURLToPath(new URL('../../workflows', import.meta.url));

/** The real application over the sample workflows, on a free port. */
export interface SampleServer {
  url: string;
  /** One request as `admin`. */
  send(path: string, init?: RequestInit): Promise<Response>;
  /** Submits with JSON input and answers the final result. */
  run(workflow: string, input: unknown): Promise<SampleResult>;
  stop(): Promise<void>;
}

export interface SampleResult {
  id: number;
  state: string;
  output?: unknown;
  error?: { type: string; status: number; title: string; detail: string; instance: string; code: string };
}

export async function startSamples(): Promise<SampleServer> {
  const data = mkdtempSync(join(tmpdir(), 'millrace-samples-'));
  const { config } = loadConfig({
    flags: { data, workflows, port: '0', workers: '2', 'min-free-mib': '0' },
    env: { MILLRACE_ADMIN_PASSWORD: 'for the samples' },
    cwd: data,
  });
  const app = await createApp({
    config,
    log: pino({ level: 'silent' }),
    version: '0.0.0',
    environment: { PATH: process.env['PATH'] },
    onFatal() {},
  });
  const { url } = await app.start();
  const authorization = `Basic ${btoa('admin:for the samples')}`;
  const send = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { ...init, headers: { authorization, ...(init.headers as Record<string, string>) } });
  return {
    url,
    send,
    async run(workflow, input) {
      const response = await send('/jobs', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ workflow, input }),
      });
      if (response.status !== 202) throw new Error(`${workflow}: ${response.status} ${await response.text()}`);
      return untilFinal(send, ((await response.json()) as { id: number }).id);
    },
    async stop() {
      await app.stop(5_000);
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Waits for the end of a job. */
export async function untilFinal(send: SampleServer['send'], id: number): Promise<SampleResult> {
  for (;;) {
    const response = await send(`/jobs/${id}/result?longPoll=true&longPollInterval=20`);
    if (response.status === 200) return (await response.json()) as SampleResult;
  }
}
