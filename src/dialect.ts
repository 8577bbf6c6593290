import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Engine } from './engine/engine.ts';
import type { Clock } from './model/clock.ts';
import type { ErrorCode, Problem } from './model/errors.ts';
import type { Interest } from './model/interest.ts';
import type { Principal, Scope } from './model/principal.ts';

/** One REST API over the engine: its routes, its error shape, its own OpenAPI document. */
export interface Dialect {
  /** `native`, `knime`, `fme`, `kie`; jobs remember through which they came. */
  name: string;
  /** For people, and the title of its document. */
  title: string;
  description: string;
  /** Groups of its operations, in the order a newcomer meets them. */
  tags: { name: string; description: string }[];
  /** Path all its routes begin with; empty for the root. */
  prefix: string;
  /**
   * `ignored`: a slash at the end of one of its paths is as good as none. Default `counted`: it makes another path, for
   * which there is no route.
   */
  slashes?: 'counted' | 'ignored';
  /**
   * Where its own OpenAPI document is served, in full; dialects that name the same place share one, titled by the first.
   * Absent: it is part of `/openapi.json`.
   */
  documentPath?: string;
  /** What the server address in that document ends with; its paths are written without it. */
  documentBase?: string;
  /** Where the pages for that document are served, with `index.html` below it. */
  pagesPath?: string;
  /** Further ways to sign in, beside Basic and Bearer. */
  signIn?: SignIn;
  /**
   * The address (path and query) that a sloppily written one means; undefined for one that is none of its own. Asked
   * before any request is routed, so it must tell at a glance what is not its affair.
   */
  readAddress?(url: string): string | undefined;
  /** Adds its routes to `scope`, which is under `prefix` already. Every route must declare who may call it. */
  register(scope: FastifyInstance, context: DialectContext): Promise<void> | void;
  /** Our error in its shape. */
  errorWire(problem: Problem, request: FastifyRequest): ErrorWire;
  /** How its errors are described in the document. */
  errorDocument: ErrorDocument;
}

/**
 * Dialects that belong together and are loaded with the first request for one of them: their schemas and routes are much
 * of what a server would load at its start, and most servers are spoken to in one language.
 */
export interface DialectFamily {
  name: string;
  /** For people, in the document of the server. */
  title: string;
  /** Where its document is served. */
  documentPath: string;
  /**
   * Whether an address (path and query, as it was sent) belongs to one of its dialects. Asked before any request is
   * routed, so it must tell at a glance. What it answers true for is never offered to another dialect.
   */
  owns(url: string): boolean;
  load(): Promise<readonly Dialect[]>;
}

/** Ways to hand over an API token that a dialect knows beside `Authorization: Bearer`. They are bound to its routes alone. */
export interface SignIn {
  /** `Authorization: <scheme> token=<token>`; the word is known in any case. */
  scheme?: string;
  /** True: the blank after `Bearer` may be missing or doubled. */
  looseBearer?: boolean;
  /** Names under which a token may stand in the query. */
  query?: readonly string[];
  /** Fields under which it may stand in an urlencoded form. */
  form?: readonly string[];
  /** `WWW-Authenticate` of its 401. */
  challenge: string;
  /** Security schemes of these ways, for its document. */
  schemes: Record<string, Record<string, unknown>>;
}

export interface ErrorWire {
  status: number;
  contentType: string;
  body: string;
}

export interface ErrorDocument {
  contentType: string;
  /** The same body under further names, for clients that ask for one. */
  alsoAs?: readonly string[];
  /** Further media types an error may come in, as text of the same content. */
  textTypes?: readonly string[];
  /** Name of the component all its errors refer to; `schemas` has it and what it refers to. */
  component: string;
  schemas: Record<string, Record<string, unknown>>;
  /** Status it answers for a code, where that differs from the catalogue's. */
  statusOf?(code: ErrorCode): number;
  /** An example body for one code. */
  example(code: ErrorCode, detail: string): unknown;
}

/** What a dialect is handed. */
export interface DialectContext {
  engine: Engine;
  clock: Clock;
  /** Path prefix of the public address without a trailing slash; stands before every link. Usually empty. */
  basePath: string;
  limits: { bodyBytes: number; uploadBytes: number; maxWaitMs: number };
  /**
   * Lost when the client leaves or the server begins to drain: hand it to every wait. With `waitMs`, the longest the
   * wait may take, the silence on the connection is no fault for so long.
   */
  interest(reply: FastifyReply, waitMs?: number): Interest;
  /** Opens a stream of server-sent events; the server ends it while draining, or when its credential ends. */
  openStream(request: FastifyRequest, reply: FastifyReply): EventStream;
  /** A JWT for the caller that lives for `seconds`, limited to `scopes` when given. */
  signToken(
    principal: Principal,
    seconds: number,
    scopes?: readonly Scope[],
  ): Promise<{ token: string; expiresAt: number }>;
  /** Address of this server as the request sees it, without a slash at its end: for links that name the host. */
  address(request: FastifyRequest): string;
  /** The same for a document. */
  servers(request: FastifyRequest): { url: string; description?: string }[];
}

/** A stream of server-sent events (WHATWG HTML, section 9.2). */
export interface EventStream {
  /** The `Last-Event-ID` of a client that came back. */
  lastEventId?: string;
  /** Resolves when there is room for more. */
  send(event: { event?: string; id?: string | number; data: string }): Promise<void>;
  /** Aborted once the stream is over, from either side. */
  signal: AbortSignal;
  end(): void;
}
