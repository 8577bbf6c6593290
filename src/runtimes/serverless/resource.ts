import type { Authentication } from '../../outbound/index.ts';
import { type At, fields, string } from './check.ts';
import { raise } from './errors.ts';
import { compileEndpoint, type Endpoint } from './http/endpoint.ts';
import { nameOf } from './http/response.ts';
import type { Frame } from './model.ts';
import type { Site } from './site.ts';

/** Text fetched when the task runs. */
export interface Fetched {
  /** The address that answered at last. */
  url: string;
  text: string;
}

/** An external resource: where it is, and how to fetch it. */
export interface Resource {
  /** Its address for this passage of the task. */
  url(frame: Frame): string;
  /** True when credentials go with the request. */
  guarded: boolean;
  fetch(frame: Frame, signal: AbortSignal): Promise<Fetched>;
}

/** Reads an external resource (DSL reference, "External Resource"). */
export function compileResource(at: At, what: string, site: Site): Resource {
  const read = fields(at, { what, known: ['name', 'endpoint'], required: ['endpoint'] });
  string(read?.get('name'), `${what}.name`);
  const place = read?.get('endpoint');
  const endpoint: Endpoint = place ? compileEndpoint(place, `${what}.endpoint`, site) : { uri: () => '' };
  const url = (frame: Frame) => endpoint.uri(frame, frame.input);
  return {
    url,
    guarded: endpoint.credentials !== undefined,
    fetch: async (frame, signal) =>
      fetchText(frame, url(frame), await endpoint.credentials?.(frame, frame.input), signal),
  };
}

async function fetchText(
  frame: Frame,
  url: string,
  authentication: Authentication | undefined,
  signal: AbortSignal,
): Promise<Fetched> {
  const answer = await frame.context.outbound.request({
    method: 'GET',
    url,
    headers: { accept: '*/*' },
    redirect: true,
    signal,
    ...(authentication ? { authentication } : {}),
  });
  if (answer.status < 200 || answer.status > 299) {
    const detail = `${nameOf({ method: 'GET', url, headers: {} })} answered ${answer.status}${answer.statusText ? ` ${answer.statusText}` : ''}.`;
    throw raise('communication', detail, { status: answer.status, title: answer.statusText || 'Communication error' });
  }
  return { url: answer.url, text: new TextDecoder().decode(answer.body) };
}
