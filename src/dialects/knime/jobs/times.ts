/**
 * Times of jobs as Java writes a ZonedDateTime: offset and zone of the server, `2021-04-06T10:15:30.102+02:00[Europe/Berlin]`
 * (reference section 9.1).
 */
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function zonedTime(ms: number): string {
  const { year, month, day, hour, minute, second, millisecond, offset } = partsOf(ms);
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.${millisecond}${offset}[${zone}]`;
}

/** `2021-04-06 10.15.30`, as it stands in names of jobs. */
export function nameTime(ms: number): string {
  const { year, month, day, hour, minute, second } = partsOf(ms);
  return `${year}-${month}-${day} ${hour}.${minute}.${second}`;
}

function partsOf(ms: number) {
  const at = new Date(ms);
  const minutes = -at.getTimezoneOffset();
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
  return {
    year: String(at.getFullYear()).padStart(4, '0'),
    month: two(at.getMonth() + 1),
    day: two(at.getDate()),
    hour: two(at.getHours()),
    minute: two(at.getMinutes()),
    second: two(at.getSeconds()),
    millisecond: String(at.getMilliseconds()).padStart(3, '0'),
    offset: minutes === 0 ? 'Z' : offset,
  };
}

const two = (value: number): string => String(value).padStart(2, '0');
