import type { Explanation } from '../store.ts';

/** Puts what a job waits for into words, with a guess of how long it takes, in milliseconds. */
export function explainInWords(
  { job, queue, ahead = 0, running, waits, meanRunMs }: Explanation,
  slots: { slots: number; running: number },
  now: number,
): { text: string; estimateMs?: number } {
  const seconds = (ms: number): string => `${Math.max(0, Math.round(ms / 100) / 10)} s`;
  switch (job.state) {
    case 'loaded':
      return { text: 'It was loaded and waits to be started.' };
    case 'queued': {
      if (job.runAt !== undefined && job.runAt > now) {
        const why = job.attempt > 0 ? `Attempt ${job.attempt} ended; the next` : 'It';
        return {
          text: `${why} begins at ${new Date(job.runAt).toISOString()}, in ${seconds(job.runAt - now)}.`,
          estimateMs: job.runAt - now,
        };
      }
      if (queue.paused) return { text: `Its queue ${queue.name} is paused.` };
      const places = Math.min(queue.concurrency ?? slots.slots, slots.slots);
      const limit = `${running} of queue ${queue.name} run now, ${places} at most; ${slots.running} of ${slots.slots} slots are taken`;
      const estimateMs =
        meanRunMs === undefined
          ? undefined
          : Math.round((Math.ceil((ahead + 1) / places) * meanRunMs * Math.min(running, places)) / places);
      return { text: `${ahead} jobs go before it; ${limit}.`, ...(estimateMs === undefined ? {} : { estimateMs }) };
    }
    case 'waiting': {
      const parts = waits.map((wait) => {
        const since = `since ${new Date(wait.createdAt).toISOString()}`;
        if (wait.kind === 'timer') return `step ${wait.name} waits until ${new Date(wait.wakeAt).toISOString()}`;
        if (wait.kind === 'job') return `step ${wait.name} waits for job ${wait.child} ${since}`;
        return `step ${wait.name} waits for ${wait.match} ${since}`;
      });
      const wakeAt = Math.min(...waits.map((wait) => (wait.kind === 'timer' ? wait.wakeAt : Number.POSITIVE_INFINITY)));
      return {
        text: `It waits: ${parts.join('; ')}.`,
        ...(Number.isFinite(wakeAt) ? { estimateMs: Math.max(0, wakeAt - now) } : {}),
      };
    }
    case 'running': {
      const since = job.startedAt === undefined ? '' : ` for ${seconds(now - job.startedAt)}`;
      const rest =
        meanRunMs === undefined || job.startedAt === undefined
          ? undefined
          : Math.max(0, job.startedAt + meanRunMs - now);
      const asked = job.cancelRequestedAt === undefined ? '' : ' It was asked to stop.';
      return {
        text: `It has been running${since}, attempt ${job.attempt}.${asked}`,
        ...(rest === undefined ? {} : { estimateMs: Math.round(rest) }),
      };
    }
    default:
      return { text: `It is ${job.state}.` };
  }
}
