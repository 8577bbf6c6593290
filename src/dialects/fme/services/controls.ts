import * as z from 'zod';
import { readBean } from '../bean-validation.ts';
import { choices } from '../choices.ts';
import { flag, limitIn, limitSeconds, listOf, single, topicNames } from '../fields.ts';
import type { Submission } from '../submit.ts';
import { formats } from './format.ts';

const word = <const T extends readonly [string, ...string[]]>(words: T, description: string) =>
  z
    .preprocess((value) => {
      const one = Array.isArray(value) ? value[0] : value;
      return typeof one === 'string' ? one.trim().toLowerCase() || undefined : one;
    }, z.enum(words).optional())
    .meta({ description, example: words[0] });

const topics = (description: string) =>
  z
    .preprocess((value) => (value === undefined ? undefined : listOf(value)), topicNames.optional())
    .meta({ description, example: ['DATA_READY'], explode: true });

/** Values that steer a service instead of reaching the workspace (reference section 10.1); their names in any case. */
export const controlFields = {
  opt_responseformat: word(
    formats,
    'Form of the answer; without it XML, JSON for clients that ask for it, a page for browsers.',
  ),
  opt_servicemode: word(['sync', 'async'], 'Whether the answer waits for the end of the job.'),
  opt_showresult: flag('False: answer at once.').meta({ default: true, example: true }),
  opt_geturl: single(
    'Address whose content is the source; the workspace gets it in place of a file.',
    'https://example.com/a.csv',
  ),
  opt_requesteremail: single('Address of who asks; kept with the job.', 'ada@example.com'),
  opt_description: single('What the job is for.', 'Nightly export'),
  opt_tag: single('As `tm_tag`.', 'Default'),
  opt_ttl: limitSeconds('As `tm_ttl`.', 600),
  opt_ttc: limitSeconds('As `tm_ttc`.', 3600),
  opt_successtopics: topics('As `nm_jobsuccess_topic`.'),
  opt_failuretopics: topics('As `nm_jobfailure_topic`.'),
  tm_tag: single('Name of the queue.', 'Default'),
  tm_ttl: limitSeconds('Seconds until it must have begun.', 600),
  tm_ttc: limitSeconds('Seconds it may run.', 3600),
  nm_jobsuccess_topic: topics('Topics that its success is published to.'),
  nm_jobfailure_topic: topics('Topics that its failure or cancellation is published to.'),
};

const controlSchema = z.object(controlFields);
type Controls = z.output<typeof controlSchema>;

/** What one call of a service asks for. */
export interface ServiceCall {
  /** False: the answer does not wait for the end of the job. */
  waits: boolean;
  /** `opt_geturl`. */
  sourceUrl?: string;
  /** Of the workspace. */
  parameters: Record<string, unknown>;
  /** Everything else of the job. */
  job: Omit<Submission, 'repository' | 'workspace' | 'publishedParameters' | 'files' | 'service'>;
}

const controlPrefix = /^(opt|tm|nm)_/i;
/** Credentials, and the piece between two ampersands. */
const nameless = new Set(['token', 'fmetoken', '']);

/**
 * Sorts the values of address and body into those that steer the service and the parameters of the workspace; where both
 * name one, the body counts. Control values this server does not know are passed over; `nm_…` are directives. Throws
 * `invalid-input`.
 */
export function readCall(...sources: readonly object[]): ServiceCall {
  const controls = new Map<string, unknown>();
  const directives = new Map<string, string>();
  const parameters = new Map<string, unknown>();
  for (const [name, value] of sources.flatMap((source) => Object.entries(source))) {
    const lower = name.toLowerCase();
    if (Object.hasOwn(controlFields, lower)) controls.set(lower, value);
    else if (lower.startsWith('nm_')) directives.set(name.slice('nm_'.length), textOf(value));
    else if (!controlPrefix.test(name) && !nameless.has(lower)) parameters.set(name, value);
  }
  const read = readBean(controlSchema, Object.fromEntries(controls), 'query');
  if (read.opt_requesteremail !== undefined) directives.set('requesteremail', read.opt_requesteremail);
  return callOf(read, Object.fromEntries(parameters), Object.fromEntries(directives));
}

function callOf(read: Controls, parameters: Record<string, unknown>, directives: Record<string, string>): ServiceCall {
  return {
    waits: (read.opt_servicemode ?? choices.serviceMode) === 'sync' && read.opt_showresult !== false,
    ...(read.opt_geturl === undefined ? {} : { sourceUrl: read.opt_geturl }),
    parameters,
    job: {
      directives,
      description: read.opt_description,
      queue: read.tm_tag ?? read.opt_tag,
      maxTimeInQueue: limitIn(read.tm_ttl ?? read.opt_ttl),
      maxJobRuntime: limitIn(read.tm_ttc ?? read.opt_ttc),
      successTopics: read.nm_jobsuccess_topic ?? read.opt_successtopics,
      failureTopics: read.nm_jobfailure_topic ?? read.opt_failuretopics,
    },
  };
}

const textOf = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(textOf).join(',')
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
