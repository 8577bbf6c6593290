import { readFileSync } from 'node:fs';
import { type Config, readClientEnvironment } from '../config.ts';
import { catalogue, fail, type Problem } from '../model/errors.ts';
import type { Json } from '../model/json.ts';
import { findServer } from './server-file.ts';

/** A server to talk to, and how to sign in there. */
export interface Client {
  url: string;
  /**
   * One request; a JSON body goes out as such. Throws the server's own problem for every status from 400 on, and
   * `startup` when nothing answers.
   */
  send(method: string, path: string, options?: SendOptions): Promise<Reply>;
  /** A stream of server-sent events, until it ends or `signal` does. */
  events(path: string, options: { lastEventId?: string; signal: AbortSignal }): AsyncIterable<ServerEvent>;
}

export interface SendOptions {
  body?: Json;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Reply {
  status: number;
  headers: Headers;
  body: Json;
}

export interface ServerEvent {
  id?: string;
  event?: string;
  data: string;
}

/** What the command line says about the server to use. */
export interface ClientOptions {
  url?: string;
  user?: string;
}

/**
 * The server to talk to: `--url` or MILLRACE_URL, else the one that uses the data folder; undefined when none runs there.
 * Signs in with MILLRACE_TOKEN, else as the user named, else with the control token of the server on this machine.
 */
export function findClient(config: Config, options: ClientOptions): Client | undefined {
  const given = readClientEnvironment();
  const url = options.url ?? given.url;
  const local = url === undefined ? findServer(config.data) : undefined;
  const base = (url ?? local?.url)?.replace(/\/+$/, '');
  if (base === undefined) return undefined;
  if (!/^https?:\/\//.test(base))
    throw fail('invalid-input', `The server address ${base} must begin with http:// or https://.`);

  const user = options.user ?? given.user;
  const basic = (name: string, password: string) => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
  const authorization = (() => {
    if (given.token) return `Bearer ${given.token}`;
    const password = given.password ?? (user === undefined || user === 'admin' ? config.adminPassword : undefined);
    if (user !== undefined) {
      if (password === undefined) throw fail('unauthenticated', `Set MILLRACE_PASSWORD to the password of ${user}.`);
      return basic(user, password);
    }
    // The control token is good only at the server that wrote it, so it goes nowhere else.
    if (local?.controlToken) return `Bearer ${local.controlToken}`;
    return password === undefined ? undefined : basic('admin', password);
  })();
  return createClient(base, authorization);
}

/** As `findClient`, for commands that need a server. */
export function getClient(config: Config, options: ClientOptions): Client {
  const client = findClient(config, options);
  if (client) return client;
  throw fail(
    'startup',
    `No server runs on the data folder ${config.data}. Start one with \`millrace serve\`, or name one with --url or MILLRACE_URL.`,
  );
}

function createClient(url: string, authorization: string | undefined): Client {
  const request = async (method: string, path: string, options: SendOptions): Promise<Response> => {
    const headers = {
      accept: 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    };
    const body = options.body === undefined ? null : JSON.stringify(options.body);
    const response = await fetch(`${url}${path}`, { method, headers, body, signal: options.signal ?? null }).catch(
      (error) => {
        if (options.signal?.aborted) throw error;
        throw fail('startup', { detail: `The server at ${url} does not answer (${causeOf(error)}).`, cause: error });
      },
    );
    if (response.status >= 400) throw refusal(response.status, await response.text());
    return response;
  };
  return {
    url,
    async send(method, path, options = {}) {
      const response = await request(method, path, options);
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text === '' ? null : (JSON.parse(text) as Json),
      };
    },
    async *events(path, { lastEventId, signal }) {
      const headers = {
        accept: 'text/event-stream',
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      };
      const response = await request('GET', path, { headers, signal });
      if (response.body) yield* readEvents(response.body);
    },
  };
}

// The server's own words reach the user unchanged, with the code they belong to.
function refusal(status: number, text: string): Error {
  try {
    const { code, detail, title, errors } = JSON.parse(text) as Problem;
    if (code in catalogue && (detail ?? title))
      return fail(code, { detail: detail ?? title, status, ...(errors ? { errors } : {}) });
  } catch {
    // Not a problem document: a proxy, or no server of ours.
  }
  return fail('startup', `The server answered ${status}: ${text.slice(0, 200).trim() || 'nothing more'}`);
}

function causeOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message: string };
  return cause?.code ?? cause?.message ?? message;
}

/** Server-sent events (WHATWG HTML, 9.2.6), field by field. */
export async function* readEvents(chunks: AsyncIterable<Uint8Array>): AsyncIterable<ServerEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let event: ServerEvent = { data: '' };
  let data: string[] = [];
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop()!;
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { ...event, data: data.join('\n') };
        event = { data: '' };
        data = [];
        continue;
      }
      const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line)!;
      if (field === 'data') data.push(value!);
      else if (field === 'id' || field === 'event') event[field] = value!;
    }
  }
}

/** Text from `@file`, `-` or `@-` (standard input), or as it stands. */
export function readArgument(text: string): string {
  if (text === '-' || text === '@-') return readFileSync(0, 'utf8');
  if (!text.startsWith('@')) return text;
  try {
    return readFileSync(text.slice(1), 'utf8');
  } catch (error) {
    throw fail('invalid-input', `The file ${text.slice(1)} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
