import type { FastifyRequest } from 'fastify';
import type { DialectContext } from '../../dialect.ts';
import type { Job } from '../../model/job.ts';

/** The service whose results are fetched by an address of their own. */
export const DATA_DOWNLOAD = 'fmedatadownload';

/** The address of the zipped result of a data download, while it works; whoever has it needs no sign-in. */
export function resultUrl(
  request: FastifyRequest,
  { engine, servers }: Pick<DialectContext, 'engine' | 'servers'>,
  job: Job,
): string | undefined {
  if (job.origin?.via !== DATA_DOWNLOAD) return undefined;
  const secret = engine.results.linkTo(job);
  return secret === undefined ? undefined : `${servers(request)[0]!.url}/${DATA_DOWNLOAD}/results/${secret}.zip`;
}
