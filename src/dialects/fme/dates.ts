/** Texts for dates and times as FME writes them: `yyyyMMdd`, `HHmmss[.f]`, both together, each with `±zz:zz` behind it. */

const fmeDate = /^(\d{4})(\d{2})(\d{2})$/;
const fmeTime = /^(\d{2})(\d{2})(\d{2})(\.\d{1,9})?([+-]\d{2}:?\d{2}|Z)?$/;
const fmeDateTime = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\.\d{1,9})?([+-]\d{2}:?\d{2}|Z)?$/;
const isoDateTime = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?(?:\.\d{1,9})?)([+-]\d{2}:?\d{2}|Z)?)?$/i;
const isoTime = /^(\d{2}:\d{2}(?::\d{2})?(?:\.\d{1,9})?)([+-]\d{2}:?\d{2}|Z)?$/i;

/** The text in the form a format of JSON Schema asks for; a time without a zone is UTC. Others stay as they are. */
export function readDate(text: string, format: string): string {
  const trimmed = text.trim();
  if (format === 'date') {
    const date = fmeDate.exec(trimmed) ?? fmeDateTime.exec(trimmed);
    return date ? `${date[1]}-${date[2]}-${date[3]}` : (isoDateTime.exec(trimmed)?.[1] ?? text);
  }
  if (format === 'time') {
    const time = fmeTime.exec(trimmed);
    if (time) return `${time[1]}:${time[2]}:${time[3]}${time[4] ?? ''}${zone(time[5])}`;
    const iso = isoTime.exec(trimmed);
    return iso ? `${withSeconds(iso[1]!)}${zone(iso[2])}` : text;
  }
  const day = fmeDate.exec(trimmed);
  if (day) return `${day[1]}-${day[2]}-${day[3]}T00:00:00Z`;
  const whole = fmeDateTime.exec(trimmed);
  if (whole) {
    const [, year, month, date, hour, minute, second, fraction = '', offset] = whole;
    return `${year}-${month}-${date}T${hour}:${minute}:${second}${fraction}${zone(offset)}`;
  }
  const iso = isoDateTime.exec(trimmed);
  return iso ? `${iso[1]}T${withSeconds(iso[2] ?? '00:00:00')}${zone(iso[3])}` : text;
}

const withSeconds = (time: string): string => (time.length === 5 ? `${time}:00` : time);

function zone(offset: string | undefined): string {
  if (offset === undefined || offset.toUpperCase() === 'Z') return 'Z';
  return offset.includes(':') ? offset : `${offset.slice(0, 3)}:${offset.slice(3)}`;
}
