/** Lanczos coefficients for g = 7, n = 9 (Numerical Recipes, 3rd ed., section 6.1). */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

function lanczosSum(x: number): number {
  let sum = LANCZOS[0] as number;
  for (let i = 1; i < LANCZOS.length; i++) sum += (LANCZOS[i] as number) / (x + i);
  return sum;
}

/** Logarithm of the absolute value of the gamma function. */
export function logGamma(x: number): number {
  if (Number.isNaN(x)) return x;
  if (!Number.isFinite(x) || (x <= 0 && Number.isInteger(x))) return Infinity;
  if (x === 1 || x === 2) return 0;
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x);
  const t = x - 1 + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(lanczosSum(x - 1));
}

/** The gamma function; exact for the factorials that a double can hold. */
export function gammaOf(x: number): number {
  if (Number.isInteger(x)) {
    if (x <= 0) return x === 0 ? 1 / x : Number.NaN;
    if (x <= 171) {
      let product = 1;
      for (let i = 2; i < x; i++) product *= i;
      return product;
    }
  }
  if (x < 0.5) return Math.PI / (Math.sin(Math.PI * x) * gammaOf(1 - x));
  return Math.exp(logGamma(x));
}

/** The error function, by its series near zero and by a continued fraction further out (Abramowitz and Stegun 7.1). */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < 0) return -erf(-x);
  if (x > 6) return 1;
  if (x < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / 2 / (x + fraction);
  return 1 - Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction));
}

/** Simpson's rule; the integrands below are smooth and periodic, where it converges quickly. */
function integrate(f: (t: number) => number, from: number, to: number, pieces: number): number {
  const h = (to - from) / pieces;
  let sum = f(from) + f(to);
  for (let i = 1; i < pieces; i++) sum += f(from + i * h) * (i % 2 === 1 ? 4 : 2);
  return (sum * h) / 3;
}

/** Enough pieces for the oscillation of the integrand, bounded so that no argument takes long. */
function piecesFor(n: number, x: number): number {
  return 2 * Math.min(5000, 200 + Math.ceil(Math.abs(n) + Math.abs(x)));
}

/** Bessel functions of whole order by their integrals (Abramowitz and Stegun 9.1.21, 9.1.22). */
export const bessel = {
  j(n: number, x: number): number {
    if (!Number.isFinite(x)) return Number.isNaN(x) ? x : 0;
    return integrate((t) => Math.cos(n * t - x * Math.sin(t)), 0, Math.PI, piecesFor(n, x)) / Math.PI;
  },
  y(n: number, x: number): number {
    if (x < 0 || Number.isNaN(x)) return Number.NaN;
    if (x === 0) return -Infinity;
    if (!Number.isFinite(x)) return 0;
    const near = integrate((t) => Math.sin(x * Math.sin(t) - n * t), 0, Math.PI, piecesFor(n, x));
    const sign = n % 2 === 0 ? 1 : -1;
    const end = Math.asinh(750 / x) + 1;
    const far = integrate(
      (t) => (Math.exp(n * t) + sign * Math.exp(-n * t)) * Math.exp(-x * Math.sinh(t)),
      0,
      end,
      20_000,
    );
    return (near - far) / Math.PI;
  },
};
