import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino';
import type { Config } from '../config.ts';
import { createRecentLines, type RecentLines } from '../model/recent-lines.ts';

/** The server's log on standard output: lines for people on a terminal, JSON otherwise. */
export async function createLog(
  config: Pick<Config, 'logLevel' | 'logFormat' | 'logKeepKiB'>,
): Promise<{ log: Logger; recent: RecentLines }> {
  const formatters = { level: (label: string) => ({ level: label }) };
  const options = { level: config.logLevel, base: null, timestamp: stdTimeFunctions.isoTime, formatters };
  const recent = createRecentLines(config.logKeepKiB * 1024);
  const output = config.logFormat === 'json' ? destination(1) : await forPeople();
  const both = {
    write(line: string) {
      recent.add(line);
      output.write(line);
    },
  };
  return { log: pino(options, both), recent };
}

async function forPeople(): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    colorize: process.stdout.isTTY === true,
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss',
    sync: true,
  });
}

/** For commands beside the server: only what went wrong, on standard error. */
export const createQuietLog = (): Logger => pino({ level: 'error', base: null }, process.stderr);
