import type { FastifyRequest } from 'fastify';
import type { DialectContext } from '../../dialect.ts';
import { CONTEXT, ROOT } from './addresses.ts';

/**
 * Absolute addresses of one answer. They name the host the client used and the context it came by (reference section
 * 2.1): old clients know the server by another path.
 */
export interface Links {
  /** `…/knime/rest`. */
  root: string;
  /** Address of an item; add `:data` and the like. */
  item(path: string): string;
  job(uuid: string): string;
  schedule(uuid: string): string;
}

export function linksOf(request: FastifyRequest, { address }: Pick<DialectContext, 'address'>): Links {
  return linksBelow(`${address(request)}${contextOf(request.originalUrl)}/rest`);
}

/** Where the API stands in examples. */
export const exampleRoot = `http://localhost:8080${ROOT}`;

/** @param root `http://host/knime/rest` */
export const linksBelow = (root: string): Links => ({
  root,
  // The root keeps its slash, so that an action or a name can follow it.
  item: (path) => `${root}/v4/repository${path === '/' ? '/' : encodePath(path)}`,
  job: (uuid) => `${root}/v4/jobs/${uuid}`,
  schedule: (uuid) => `${root}/v4/schedules/${uuid}`,
});

const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

/** First name of the address as it was sent. */
function contextOf(url: string): string {
  const older = /^\/+(com\.knime\.enterprise\.server|webportal)\//.exec(url);
  return older === null ? CONTEXT : `/${older[1]}`;
}
