import { negate } from '../arithmetic.ts';
import { failure } from '../errors.ts';
import { compare } from '../order.ts';
import { excerpt } from '../text.ts';
import { type Json, typeName } from '../value.ts';
import { type Builtins, plain, plainAll } from './define.ts';
import { bessel, erf, gammaOf, logGamma } from './special-functions.ts';

function number(value: Json): number {
  if (typeof value === 'number') return value;
  throw failure(`${typeName(value)} (${excerpt(value)}) number required`);
}

/** Rounds halves away from zero, as C's round. */
function round(x: number): number {
  const r = Math.trunc(x);
  return Math.abs(x - r) >= 0.5 ? r + Math.sign(x) : r;
}

/** Rounds halves to even, as C's rint in its default mode. */
function rint(x: number): number {
  if (!Number.isFinite(x) || Math.abs(x) >= 2 ** 52) return x;
  const low = Math.floor(x);
  const rest = x - low;
  const even = low % 2 === 0 ? low : low + 1;
  return rest < 0.5 ? low : rest > 0.5 ? low + 1 : even;
}

/** Splits into a fraction in [0.5, 1) and a power of two. */
function frexp(x: number): [number, number] {
  if (x === 0 || !Number.isFinite(x)) return [x, 0];
  let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(x))) + 1);
  let fraction = ldexp(x, -exponent);
  while (Math.abs(fraction) < 0.5) {
    fraction *= 2;
    exponent--;
  }
  while (Math.abs(fraction) >= 1) {
    fraction /= 2;
    exponent++;
  }
  return [fraction, exponent];
}

/** x times two to the power of n, in steps that neither overflow nor lose bits on the way. */
function ldexp(x: number, n: number): number {
  let power = Math.max(-2200, Math.min(2200, Math.trunc(n)));
  let result = x;
  while (power > 1000) {
    result *= 2 ** 1000;
    power -= 1000;
  }
  while (power < -1000) {
    result *= 2 ** -1000;
    power += 1000;
  }
  return result * 2 ** power;
}

function logb(x: number): number {
  if (x === 0) return -Infinity;
  return Number.isFinite(x) ? frexp(x)[1] - 1 : Math.abs(x);
}

const view = new DataView(new ArrayBuffer(8));

function nextAfter(x: number, toward: number): number {
  if (Number.isNaN(x) || Number.isNaN(toward)) return Number.NaN;
  if (x === toward) return toward;
  if (x === 0) return toward > 0 ? Number.MIN_VALUE : -Number.MIN_VALUE;
  view.setFloat64(0, x);
  view.setBigInt64(0, view.getBigInt64(0) + (x < toward === x > 0 ? 1n : -1n));
  return view.getFloat64(0);
}

function remainder(x: number, y: number): number {
  if (y === 0 || !Number.isFinite(x) || Number.isNaN(y)) return Number.NaN;
  return Number.isFinite(y) ? x - rint(x / y) * y : x;
}

function power(x: number, y: number): number {
  // C says that 1 to any power and -1 to an infinite one are 1; JavaScript says nan.
  if (x === 1 || (x === -1 && Math.abs(y) === Infinity)) return 1;
  return x ** y;
}

const ONE: Record<string, (x: number) => number> = {
  floor: Math.floor,
  ceil: Math.ceil,
  round,
  trunc: Math.trunc,
  rint,
  nearbyint: rint,
  fabs: Math.abs,
  sqrt: Math.sqrt,
  cbrt: Math.cbrt,
  exp: Math.exp,
  exp2: (x) => 2 ** x,
  exp10: (x) => 10 ** x,
  pow10: (x) => 10 ** x,
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  logb,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  significand: (x) => (x === 0 || !Number.isFinite(x) ? x : frexp(x)[0] * 2),
  gamma: logGamma,
  lgamma: logGamma,
  tgamma: gammaOf,
  erf,
  erfc: (x) => 1 - erf(x),
  j0: (x) => bessel.j(0, x),
  j1: (x) => bessel.j(1, x),
  y0: (x) => bessel.y(0, x),
  y1: (x) => bessel.y(1, x),
};

const TWO: Record<string, (x: number, y: number) => number> = {
  pow: power,
  atan2: Math.atan2,
  fmod: (x, y) => x % y,
  fmin: (x, y) => (Number.isNaN(x) ? y : Number.isNaN(y) ? x : Math.min(x, y)),
  fmax: (x, y) => (Number.isNaN(x) ? y : Number.isNaN(y) ? x : Math.max(x, y)),
  fdim: (x, y) => (x > y ? x - y : x <= y ? 0 : Number.NaN),
  hypot: Math.hypot,
  copysign: (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)),
  drem: remainder,
  remainder,
  ldexp,
  scalb: (x, y) => x * 2 ** y,
  scalbln: ldexp,
  nextafter: nextAfter,
  nexttoward: nextAfter,
  jn: (n, x) => bessel.j(Math.trunc(n), x),
  yn: (n, x) => bessel.y(Math.trunc(n), x),
};

export const math: Builtins = {
  ...Object.fromEntries(Object.entries(ONE).map(([name, f]) => [`${name}/0`, plain((x) => f(number(x)))])),
  ...Object.fromEntries(
    Object.entries(TWO).map(([name, f]) => [`${name}/2`, plain((_, x, y) => f(number(x as Json), number(y as Json)))]),
  ),
  ...plainAll({
    'fma/3': (_, x, y, z) => number(x as Json) * number(y as Json) + number(z as Json),
    'frexp/0': (x) => frexp(number(x)),
    'modf/0': (x) => {
      const whole = Math.trunc(number(x));
      return [Number.isFinite(whole) ? number(x) - whole : 0, whole];
    },
    'lgamma_r/0': (x) => [logGamma(number(x)), gammaOf(number(x)) < 0 ? -1 : 1],
    'abs/0': (x) => {
      // As jq defines it: what is not below zero stays, whatever its type.
      if (typeof x !== 'number') return compare(x, 0) < 0 ? negate(x) : x;
      return x < 0 ? -x : x;
    },
    'nan/0': () => Number.NaN,
    'infinite/0': () => Infinity,
    'isnan/0': (x) => Number.isNaN(x),
    'isinfinite/0': (x) => Math.abs(number(x)) === Infinity,
    'isnormal/0': (x) => Number.isFinite(number(x)) && Math.abs(number(x)) >= 2.2250738585072014e-308,
  }),
};
