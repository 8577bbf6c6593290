/** Header that a workflow's call to another server carries: how many servers and jobs stand behind it. */
export const HOPS_HEADER = 'millrace-hops';

/** Label of a job that was submitted by such a call; the number goes on into the calls of the job. */
export const HOPS_LABEL = 'millrace.hops';

/** Calls that lead to jobs that make calls end here: a workflow that calls its own submit address stops by itself. */
export const MOST_HOPS = 16;

/** The number a header or label carries; 0 without one. */
export const readHops = (text: string | string[] | undefined): number => {
  const hops = Number(Array.isArray(text) ? text[0] : text);
  return Number.isInteger(hops) && hops > 0 ? hops : 0;
};
