import { failure } from '../errors.ts';
import { excerpt } from '../text.ts';
import { formatTime } from '../time/format.ts';
import { parseTime } from '../time/parse.ts';
import { type BrokenTime, brokenTime, epochSeconds, timeArray } from '../time/time.ts';
import type { Json } from '../value.ts';
import { type Builtins, plainAll } from './define.ts';

const ISO = '%Y-%m-%dT%H:%M:%SZ';

/** The time an array or a number of seconds stands for. */
function timeOf(input: Json, name: string): BrokenTime {
  if (typeof input === 'number') return brokenTime(input);
  const wrong = () => failure(`${name} requires parsed datetime inputs`);
  if (!Array.isArray(input) || input.length === 0) throw wrong();
  const parts = input.slice(0, 6).map((part) => {
    if (typeof part !== 'number') throw wrong();
    return Number.isFinite(part) ? part : 0;
  });
  if (input.slice(6, 8).some((part) => typeof part !== 'number')) throw wrong();
  const [year = 0, month = 0, day = 1, hour = 0, minute = 0, second = 0] = parts;
  return brokenTime(epochSeconds({ year, month, day, hour, minute, second }));
}

function gmtime(input: Json): Json {
  if (typeof input !== 'number') throw failure('gmtime() requires numeric inputs');
  return timeArray(brokenTime(input));
}

function mktime(input: Json): Json {
  if (!Array.isArray(input)) throw failure('mktime requires array inputs');
  return Math.floor(timeOf(input, 'mktime').epoch);
}

function strftime(input: Json, format: Json, name: string): Json {
  if (typeof input !== 'number' && !Array.isArray(input)) throw failure(`${name} requires parsed datetime inputs`);
  if (typeof format !== 'string') throw failure(`${name} requires a string format`);
  return formatTime(timeOf(input, name), format);
}

function strptime(input: Json, format: Json): BrokenTime {
  if (typeof input !== 'string' || typeof format !== 'string') {
    throw failure('strptime/1 requires string inputs and arguments');
  }
  const time = parseTime(input, format);
  if (time === null) throw failure(`date ${excerpt(input)} does not match format ${JSON.stringify(format)}`);
  return time;
}

function fromIso(input: Json): Json {
  return Math.floor(strptime(input, ISO).epoch);
}

function toIso(input: Json): Json {
  return strftime(input, ISO, 'strftime/1');
}

/** Dates. Local time is UTC: a program gives the same answer wherever it runs. */
export const dates: Builtins = plainAll({
  'gmtime/0': gmtime,
  'localtime/0': gmtime,
  'mktime/0': mktime,
  'strptime/1': (input, format) => timeArray(strptime(input, format as Json)),
  'strftime/1': (input, format) => strftime(input, format as Json, 'strftime/1'),
  'strflocaltime/1': (input, format) => strftime(input, format as Json, 'strflocaltime/1'),
  'todateiso8601/0': toIso,
  'todate/0': toIso,
  'fromdateiso8601/0': fromIso,
  'fromdate/0': fromIso,
});
