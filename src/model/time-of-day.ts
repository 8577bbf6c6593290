/** Seconds since midnight of `07:00` or `07:00:59`; undefined for what is none. */
export function readTimeOfDay(text: string): number | undefined {
  const [, hour, minute, second = 0] = (/^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text) ?? []).map(Number);
  return hour === undefined ? undefined : hour * 3600 + minute! * 60 + (second || 0);
}

/** `07:00:59` */
export const timeOfDay = (second: number): string =>
  [second / 3600, (second / 60) % 60, second % 60].map((part) => String(Math.floor(part)).padStart(2, '0')).join(':');
