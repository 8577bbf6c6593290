import type { Json } from '../../../model/json.ts';
import { exactDigits, exactNumber } from './exact-json.ts';
import { shownValue, ValueError } from './parameter-error.ts';

/** Types of columns (reference section 10.3). */
export const columnTypes = [
  'string',
  'int',
  'double',
  'long',
  'boolean',
  'localdate',
  'localtime',
  'localdatetime',
  'zoneddatetime',
] as const;
export type ColumnType = (typeof columnTypes)[number];

export const isColumnType = (type: unknown): type is ColumnType => columnTypes.includes(type as ColumnType);

const INT = { min: -(2n ** 31n), max: 2n ** 31n - 1n };
const LONG = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

const date = String.raw`(\d{4})-(\d{2})-(\d{2})`;
const time = String.raw`(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?`;
const offset = String.raw`(?:Z|[+-](?:0\d|1[0-8])(?::?[0-5]\d)?(?::[0-5]\d)?)`;
const zone = String.raw`(?:\[[A-Za-z][\w+/:~-]*\])?`;
const temporal: Partial<Record<ColumnType, { pattern: RegExp; example: string }>> = {
  localdate: { pattern: new RegExp(`^${date}$`), example: '2018-03-27' },
  localtime: { pattern: new RegExp(`^${time}$`), example: '08:30:45.111' },
  localdatetime: { pattern: new RegExp(`^${date}T${time}$`), example: '2018-03-27T08:30:45.111' },
  zoneddatetime: {
    pattern: new RegExp(`^${date}T${time}${offset}${zone}$`),
    example: '2018-03-27T08:30:45.111+01:00[Europe/Paris]',
  },
};

/**
 * A cell as workflows have it: dates as text, whole numbers above 2^53 as text of digits, null where it is missing. A
 * cell that comes as text is read as its column's type. Throws `ValueError`.
 */
export function readCell(type: ColumnType, cell: Json): Json {
  if (cell === null) return null;
  switch (type) {
    case 'string':
      return typeof cell === 'string' ? (exactDigits(cell) ?? cell) : JSON.stringify(cell);
    case 'int':
      return readWhole(cell, INT, 'an int (a whole number of 32 bit)');
    case 'long':
      return readWhole(cell, LONG, 'a long (a whole number of 64 bit)');
    case 'double':
      return readDouble(cell);
    case 'boolean':
      return readBoolean(cell);
    default:
      return readTime(type, cell);
  }
}

function readWhole(cell: Json, { min, max }: typeof INT, wanted: string): Json {
  const digits = exactDigits(cell) ?? (typeof cell === 'string' ? cell.trim() : String(cell));
  const whole =
    /^[+-]?\d{1,20}$/.test(digits) && typeof cell !== 'boolean' ? BigInt(digits.replace('+', '')) : undefined;
  if (whole === undefined || whole < min || whole > max) throw new ValueError(`${shownValue(cell)} is not ${wanted}`);
  const value = Number(whole);
  return Number.isSafeInteger(value) ? value : String(whole);
}

const fraction = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function readDouble(cell: Json): Json {
  const text = exactDigits(cell) ?? (typeof cell === 'string' ? cell.trim() : undefined);
  const value = typeof cell === 'number' ? cell : text !== undefined && fraction.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw new ValueError(`${shownValue(cell)} is not a double (a number such as 1.5)`);
  return value;
}

function readBoolean(cell: Json): Json {
  if (typeof cell === 'boolean') return cell;
  const word = typeof cell === 'string' ? cell.trim().toLowerCase() : '';
  if (word !== 'true' && word !== 'false') throw new ValueError(`${shownValue(cell)} is not a boolean (true or false)`);
  return word === 'true';
}

function readTime(type: ColumnType, cell: Json): Json {
  const { pattern, example } = temporal[type]!;
  const match = typeof cell === 'string' ? pattern.exec(cell) : null;
  if (match === null || !isDay(match)) throw new ValueError(`${shownValue(cell)} is not a ${type} such as ${example}`);
  return cell;
}

/** Whether the month has that day; times have none. */
function isDay([, year, month, day]: RegExpExecArray): boolean {
  if (year === undefined) return true;
  const at = new Date(Date.UTC(2000, Number(month) - 1, Number(day)));
  at.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return at.getUTCMonth() === Number(month) - 1 && at.getUTCDate() === Number(day);
}

/** A cell as clients read it: of a double always a fraction, of whole numbers all their digits. */
export function writeCell(type: ColumnType, cell: Json | undefined): Json {
  if (cell === undefined || cell === null) return null;
  switch (type) {
    case 'double': {
      const text = typeof cell === 'number' ? String(cell) : typeof cell === 'string' ? cell.trim() : '';
      if (!fraction.test(text)) return cell;
      return exactNumber(fractionText(Number(text)));
    }
    case 'int':
    case 'long':
      return typeof cell === 'string' && /^-?(?:0|[1-9]\d*)$/.test(cell) ? exactNumber(cell) : cell;
    case 'string':
      return typeof cell === 'string' ? cell : JSON.stringify(cell);
    default:
      return cell;
  }
}

/** `42.0` for 42; a number with an exponent is a fraction already. */
export const fractionText = (value: number): string => (/[.e]/.test(String(value)) ? String(value) : `${value}.0`);

/** The type of a column that nothing is declared of, by what stands in it. */
export function typeOfCells(cells: readonly (Json | undefined)[]): ColumnType {
  const found = cells.filter((cell) => cell !== null && cell !== undefined);
  if (found.length === 0) return 'string';
  if (found.every((cell) => typeof cell === 'boolean')) return 'boolean';
  if (found.every((cell) => Number.isSafeInteger(cell))) return 'long';
  return found.every((cell) => typeof cell === 'number') ? 'double' : 'string';
}
