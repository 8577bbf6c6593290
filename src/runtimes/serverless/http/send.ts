import type { Authentication, OutboundResponse } from '../../../outbound/index.ts';
import type { StepAttempt } from '../../../runtime.ts';
import type { Frame } from '../model.ts';
import type { HttpRequest } from './request.ts';

/** Methods whose repetition may do the work twice (RFC 9110, section 9.2.2). */
const unsafe = ['POST', 'PATCH'];

/** Sends a request of a workflow; one that may do its work twice carries a key by which the other side can tell. */
export function send(
  frame: Frame,
  attempt: Pick<StepAttempt, 'signal' | 'idempotencyKey'>,
  request: HttpRequest,
  options: { redirect: boolean; authentication?: Authentication | undefined },
): Promise<OutboundResponse> {
  const keyed = unsafe.includes(request.method) && request.headers['idempotency-key'] === undefined;
  return frame.context.outbound.request({
    method: request.method,
    url: request.url,
    headers: keyed ? { ...request.headers, 'idempotency-key': headerSafe(attempt.idempotencyKey) } : request.headers,
    redirect: options.redirect,
    signal: attempt.signal,
    ...(request.body === undefined ? {} : { body: request.body }),
    ...(options.authentication ? { authentication: options.authentication } : {}),
  });
}

/** Step names may hold any character; a header may not. */
const headerSafe = (text: string): string =>
  text.replace(/[^\x21-\x7e]/gu, (char) => encodeURIComponent(char.toWellFormed()));
