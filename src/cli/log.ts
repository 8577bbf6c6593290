import { type Logger, pino, stdTimeFunctions } from 'pino';
import type { Config } from '../config.ts';

/** The server's log on standard output: lines for people on a terminal, JSON otherwise. */
export async function createLog({ logLevel, logFormat }: Pick<Config, 'logLevel' | 'logFormat'>): Promise<Logger> {
  const formatters = { level: (label: string) => ({ level: label }) };
  const options = { level: logLevel, base: null, timestamp: stdTimeFunctions.isoTime, formatters };
  if (logFormat === 'json') return pino(options);
  const { default: pretty } = await import('pino-pretty');
  return pino(
    options,
    pretty({
      colorize: process.stdout.isTTY === true,
      ignore: 'pid,hostname',
      translateTime: 'SYS:HH:MM:ss',
      sync: true,
    }),
  );
}

/** For commands beside the server: only what went wrong, on standard error. */
export const createQuietLog = (): Logger => pino({ level: 'error', base: null }, process.stderr);
