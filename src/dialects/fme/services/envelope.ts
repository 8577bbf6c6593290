import type { FastifyReply, FastifyRequest } from 'fastify';
import { escapeHtml, pageHtml } from '../../../http/pages.ts';
import type { Json, JsonObject } from '../../../model/json.ts';
import { type Format, formatOf } from './format.ts';
import { xmlElement } from './xml.ts';

/** What every service answers: how it went, then members of its own (reference section 10.2). */
export interface ServiceResponse {
  statusInfo: { mode?: 'sync' | 'async'; status: 'success' | 'failure'; message?: string };
  [member: string]: Json;
}

const contentTypes: Record<Format, string> = {
  json: 'application/json; charset=utf-8',
  xml: 'application/xml; charset=utf-8',
  html: 'text/html; charset=utf-8',
};

/** The answer of a service in the form its client wants: one tree, written in three ways. */
export function sendEnvelope(
  request: FastifyRequest,
  reply: FastifyReply,
  response: ServiceResponse,
  otherwise?: Format,
): FastifyReply {
  const { contentType, body } = writeEnvelope(formatOf(request, otherwise), response);
  // What a run answered once is no answer to the next request for it.
  return reply.header('cache-control', 'no-store').type(contentType).send(body);
}

/** The text of an answer, and its media type. */
export function writeEnvelope(format: Format, serviceResponse: ServiceResponse): { contentType: string; body: string } {
  return { contentType: contentTypes[format], body: writers[format](serviceResponse) };
}

const writers: Record<Format, (response: ServiceResponse) => string> = {
  json: (serviceResponse) => JSON.stringify({ serviceResponse }),
  xml: (response) => `<?xml version="1.0" encoding="UTF-8"?>\n${xmlElement('serviceResponse', response)}\n`,
  html: (response) => {
    const title = response.statusInfo.status === 'success' ? 'FME Flow: success' : 'FME Flow: failure';
    return pageHtml(title, `<h1>${title}</h1>${htmlOf(response)}`);
  },
};

function htmlOf(value: Json): string {
  if (Array.isArray(value)) return value.map(htmlOf).join('');
  if (typeof value !== 'object' || value === null) return htmlText(String(value ?? ''));
  const items = Object.entries(value as JsonObject).map(
    ([name, one]) => `<dt>${escapeHtml(name)}</dt><dd>${htmlOf(one)}</dd>`,
  );
  return `<dl>${items.join('')}</dl>`;
}

/** Addresses of this server and others can be followed. */
const htmlText = (text: string): string =>
  /^https?:\/\/\S+$/.test(text) ? `<a href="${escapeHtml(text)}">${escapeHtml(text)}</a>` : escapeHtml(text);
