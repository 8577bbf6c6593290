import { readdirSync, readFileSync } from 'node:fs';

/** Living (not zombie) processes whose command line contains the text. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const state = readFileSync(`/proc/${name}/stat`, 'latin1').split(') ')[1]![0];
        return command.includes(text) && state !== 'Z';
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Waits until a condition holds. */
export async function until(condition: () => boolean, ms = 5_000): Promise<void> {
  const end = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > end) throw new Error('the condition did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

/** A unique number of seconds for `sleep`, by which its process can be found. */
export const uniqueSeconds = (): string =>
  `${1000 + Math.floor(Math.random() * 1000)}.${Math.floor(Math.random() * 1e9)}`;

/**
 * Longest pause of the event loop in milliseconds while `work` goes on. Of each pause only as much counts as this process
 * spent processor time: on a busy machine it may also wait for a processor.
 */
export async function longestPause(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = { at: performance.now(), cpu: process.cpuUsage() };
  const look = () => {
    const { user, system } = process.cpuUsage(last.cpu);
    const at = performance.now();
    longest = Math.max(longest, Math.min(at - last.at, (user + system) / 1000));
    last = { at, cpu: process.cpuUsage() };
  };
  const timer = setInterval(look, 5);
  await work();
  clearInterval(timer);
  look();
  return longest;
}
