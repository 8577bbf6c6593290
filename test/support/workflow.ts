import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FailOptions, fail, isMillraceError, type Problem, toProblem } from '../../src/model/errors.ts';
import type { Json, JsonObject } from '../../src/model/json.ts';
import type { ProcessRequest, ProcessResult } from '../../src/model/process.ts';
import type { LogLine, Wait } from '../../src/model/run.ts';
import { createOutbound } from '../../src/outbound/index.ts';
import type { ChildJob, ChildResult } from '../../src/runtime.ts';
import { createServerlessRuntime } from '../../src/runtimes/serverless/index.ts';
import type { Ask } from '../../src/worker/protocol.ts';
import { createRunContext } from '../../src/worker/run-context.ts';
import type { RecalledEntry } from '../../src/worker/run-state.ts';

const runtime = createServerlessRuntime();

/** The header every definition begins with. */
export const header = (name = 'test'): string =>
  `document:\n  dsl: '1.0.3'\n  namespace: test\n  name: ${name}\n  version: '1.0.0'\n`;

export interface BenchOptions {
  input?: Json;
  workflow?: string;
  /** How long ago the first attempt of the job began, in milliseconds; this is a further one then. */
  startedAgoMs?: number;
  hostMap?: Record<string, string>;
  secrets?: Record<string, Json>;
  /** Answers `context.process`. */
  process?(request: ProcessRequest, signal: AbortSignal): Promise<Partial<ProcessResult>> | Partial<ProcessResult>;
  /** Answers the end of a child job. */
  child?(job: ChildJob, id: number): ChildResult | undefined;
  /** The run is cut off right after so many commits of its first life, as by `kill -9`. */
  cutAfterCommits?: number;
  /** The run is cut off when its so many-th effect begins. */
  cutAtEffect?: number;
}

/** A run of one workflow on the real run context, with its journal in memory. */
export interface Bench {
  output?: Json;
  error?: Problem;
  journal: Map<string, RecalledEntry>;
  /** Keys of effects in the order they were begun, repetitions included. */
  begun: string[];
  /** Keys of what was waited for, with how long, in milliseconds. */
  waits: { key: string; type: string; ms: number | undefined }[];
  children: ChildJob[];
  cancelledChildren: number[];
  log: LogLine[];
  /** How many lives the run had. */
  lives: number;
}

/** Runs a definition to its end: waits are answered at once by moving the clock, and a run that was cut off is resumed. */
export async function runWorkflow(source: string, options: BenchOptions = {}): Promise<Bench> {
  const definition = runtime.parse(source, 'test.yaml');
  const bench: Bench = {
    journal: new Map(),
    begun: [],
    waits: [],
    children: [],
    cancelledChildren: [],
    log: [],
    lives: 0,
  };
  const outbound = createOutbound({
    private: 'allow',
    allow: [],
    hostMap: options.hostMap ?? {},
    maxBytes: 1_000_000,
    timeoutMs: 5000,
    maxRedirects: 5,
    userAgent: 'test',
  });
  let offset = 0;
  const clock = () => Date.now() + offset;
  const startedAt = clock() - (options.startedAgoMs ?? 0);
  const job = {
    id: 1,
    uuid: '00000000-0000-4000-8000-000000000001',
    workflow: options.workflow ?? '/Folder/test',
    version: 'v1',
    input: options.input ?? null,
    owner: 'me',
    labels: {},
    dialect: 'native',
    attempt: options.startedAgoMs === undefined ? 1 : 2,
    createdAt: startedAt,
    startedAt,
    files: [],
  };
  let open: Wait[] = [];
  const childIds = new Map<string, number>();
  try {
    for (; bench.lives < 200; ) {
      bench.lives += 1;
      const end = await oneLife();
      if (end) return Object.assign(bench, end);
    }
    throw fail('invariant', 'The run does not come to its end.');
  } finally {
    await outbound.close();
  }

  async function oneLife(): Promise<Pick<Bench, 'output' | 'error'> | undefined> {
    let commits = 0;
    let effects = 0;
    let dead = false;
    const first = bench.lives === 1;
    let kill: () => void = () => {};
    const killed = new Promise<'killed'>((resolve) => {
      kill = () => {
        dead = true;
        resolve('killed');
      };
    });
    const ask = async (ask: Ask, { signal }: { signal?: AbortSignal; onOutput?: unknown } = {}): Promise<unknown> => {
      // What a killed process sends never arrives.
      if (dead) return new Promise(() => {});
      switch (ask.kind) {
        case 'commit': {
          const output = ask.output === undefined ? {} : { output: JSON.parse(ask.output) as Json };
          bench.journal.set(ask.entry.key, { ...ask.entry, ...output });
          commits += 1;
          if (first && commits === options.cutAfterCommits) {
            kill();
            return new Promise(() => {});
          }
          return undefined;
        }
        case 'submit-child': {
          // The same key gives the same child, as the store does it.
          const known = childIds.get(ask.key);
          if (known !== undefined) return { id: known, uuid: `child-${known}` };
          bench.children.push(ask.child);
          const id = 100 + bench.children.length;
          childIds.set(ask.key, id);
          return { id, uuid: `child-${id}` };
        }
        case 'cancel-child':
          bench.cancelledChildren.push(ask.child);
          return undefined;
        case 'child-result': {
          const result = childResult(ask.child);
          return result ?? new Promise(() => {});
        }
        case 'secret': {
          const secret = options.secrets?.[ask.name];
          if (secret === undefined) throw fail('workflow-failed', `There is no secret "${ask.name}".`);
          return secret;
        }
        case 'store':
          return undefined;
        case 'process': {
          if (!options.process) throw fail('unavailable-feature', 'This test has no processes.');
          const result = await options.process(ask.process, signal ?? new AbortController().signal);
          return { code: 0, stdout: '', stderr: '', truncated: false, files: [], durationMs: 1, ...result };
        }
      }
    };
    const started = createRunContext(job, [...bench.journal.values()], open, {
      clock,
      outbound,
      ask,
      stored: () => undefined,
      begun: (entry) => {
        if (dead) return;
        bench.begun.push(entry.key);
        const { output: _none, ...rest } = entry;
        bench.journal.set(entry.key, rest);
        effects += 1;
        if (first && effects === options.cutAtEffect) setImmediate(kill);
      },
      log: (line) => bench.log.push(line),
      touch() {},
    });
    const ended = runtime.run(definition, started.context).then(
      (output) => ({ output }),
      (error: unknown) => {
        if (!isMillraceError(error)) throw error;
        return { error: JSON.parse(JSON.stringify(toProblem(error))) as Problem };
      },
    );
    ended.catch(() => {});
    const result = await Promise.race([ended, started.suspended.then((waits) => ({ waits })), killed]);
    if (result === 'killed') {
      started.stop(fail('interrupted', 'cut off'));
      return undefined;
    }
    if (!('waits' in result)) return result;
    open = result.waits;
    answerOne(result.waits);
    return undefined;
  }

  function childResult(id: number): ChildResult | undefined {
    return options.child?.(bench.children[id - 101]!, id);
  }

  /** Wakes the run with the first thing that happens: a child that has ended, or else the next timer. */
  function answerOne(waits: Wait[]): void {
    const child = waits.find((wait) => wait.kind === 'job' && childResult(wait.child) !== undefined);
    const timers = waits.filter((wait) => wait.kind === 'timer').toSorted((a, b) => a.wakeAt - b.wakeAt);
    const next = child ?? timers[0];
    if (!next) throw fail('invariant', `Nothing wakes the run: ${JSON.stringify(waits)}`);
    if (next.kind === 'timer') offset += Math.max(0, next.wakeAt - clock());
    bench.waits.push({
      key: next.key,
      type: next.type,
      ms: next.kind === 'timer' ? next.wakeAt - next.createdAt : undefined,
    });
    bench.journal.set(next.key, {
      key: next.key,
      name: next.name,
      type: next.type,
      state: 'completed',
      attempt: 1,
      output: next.kind === 'job' ? childResult(next.child)! : null,
      startedAt: next.createdAt,
      endedAt: clock(),
    });
    open = waits.filter((wait) => wait !== next);
  }
}

/** The issues of a definition, as `line:column message`. */
export function issuesOf(source: string, file = 'test.yaml'): string[] {
  try {
    runtime.parse(source, file);
    return [];
  } catch (error) {
    if (!isMillraceError(error) || error.code !== 'invalid-definition') throw error;
    const { errors = [] } = error.options as FailOptions;
    return errors.map((issue) => `${issue.line}:${issue.column} ${issue.message}`);
  }
}

/** A request a test server got. */
export interface Received {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface TestServer {
  origin: string;
  received: Received[];
  close(): Promise<void>;
}

/** A server on a free local port whose handler answers with what it returns: status, headers, body (JSON unless text). */
export async function startServer(handler: (request: Received) => Answer | Promise<Answer>): Promise<TestServer> {
  const received: Received[] = [];
  const server: Server = createServer((request, response) => {
    void respond(request, response);
  });
  async function respond(request: IncomingMessage, response: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const got = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    received.push(got);
    const { status = 200, headers = {}, body } = await handler(got);
    const isText = typeof body === 'string' || body instanceof Uint8Array;
    response.writeHead(status, {
      ...(isText || body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    });
    response.end(body === undefined || isText ? (body as string | undefined) : JSON.stringify(body));
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: Json | Uint8Array | JsonObject;
}
