// Writes customers.csv: 3 000 made-up telephone customers, of whom about one in eight leaves. The same at every run.
//
//     node docs/samples/churn/make-customers.mjs
import { writeFileSync } from 'node:fs';

const COUNT = 3_000;
const random = generator(20_260_101);

const columns = [
  'customerId',
  'accountMonths',
  'internationalPlan',
  'voiceMailPlan',
  'dayMinutes',
  'eveningMinutes',
  'nightMinutes',
  'internationalMinutes',
  'internationalCalls',
  'supportCalls',
  'monthlyCharge',
  'churned',
];

const rows = Array.from({ length: COUNT }, (_, index) => customer(index));
const lines = [columns, ...rows.map((row) => columns.map((name) => row[name]))];
writeFileSync(new URL('customers.csv', import.meta.url), `${lines.map((line) => line.join(',')).join('\n')}\n`);
const left = rows.filter((row) => row.churned === 1).length;
console.log(`${COUNT} customers, ${left} of whom left (${((100 * left) / COUNT).toFixed(1)} %)`);

function customer(index) {
  const internationalPlan = random() < 0.1 ? 1 : 0;
  const voiceMailPlan = random() < 0.28 ? 1 : 0;
  const dayMinutes = amount(180, 54);
  const eveningMinutes = amount(200, 50);
  const nightMinutes = amount(200, 50);
  const internationalMinutes = amount(10.2, 2.8);
  const internationalCalls = 1 + poisson(3.4);
  const supportCalls = poisson(1.55);
  const accountMonths = Math.max(1, Math.round(amount(42, 24)));
  const monthlyCharge = round(
    9.5 + 0.1 * dayMinutes + 0.05 * eveningMinutes + 0.02 * nightMinutes + (internationalPlan ? 0.15 : 0.27) * internationalMinutes + 4 * voiceMailPlan,
    2,
  );
  // What makes people leave: a high bill, much trouble, an international plan that does not pay, no ties yet.
  const pull =
    -3.1 +
    0.03 * Math.max(0, dayMinutes - 205) +
    0.008 * (eveningMinutes - 200) +
    1.9 * (supportCalls >= 4 ? 1 : 0) +
    0.35 * supportCalls +
    1.7 * internationalPlan +
    0.12 * internationalPlan * (internationalMinutes - 10) -
    1.1 * voiceMailPlan -
    0.09 * internationalCalls -
    0.012 * (accountMonths - 42);
  const churned = random() < 1 / (1 + Math.exp(-pull)) ? 1 : 0;
  return {
    customerId: `C${String(10_001 + index)}`,
    accountMonths,
    internationalPlan,
    voiceMailPlan,
    dayMinutes,
    eveningMinutes,
    nightMinutes,
    internationalMinutes,
    internationalCalls,
    supportCalls,
    monthlyCharge,
    churned,
  };
}

/** A positive amount around `mean`, rounded as meters do. */
function amount(mean, deviation) {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return round(Math.max(0, mean + deviation * normal), 1);
}

function poisson(mean) {
  const floor = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > floor; product *= random()) count += 1;
  return count;
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}

/** Uniform numbers from 0 to 1, the same sequence for the same seed (mulberry32). */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
