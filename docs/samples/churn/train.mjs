// Trains the churn model on customers.csv and writes it to model.json and into the workflow that scores with it.
// Logistic regression with a small ridge penalty, fitted by Newton's method; three customers in ten are held back to
// measure it. The same at every run. `--check` writes nothing and fails when the files are not what it would write.
//
//     node docs/samples/churn/train.mjs
import { readFileSync, writeFileSync } from 'node:fs';

const RIDGE = 1;
const here = (name) => new URL(name, import.meta.url);
const workflow = here('../../../workflows/Examples/Predict Results Using REST API.yaml');

// What the model looks at. Beside the columns themselves: minutes above 205 a month, and four or more support calls,
// since leaving does not grow evenly with either.
const features = [
  ['dayMinutes', (row) => row.dayMinutes],
  ['dayMinutesAbove205', (row) => Math.max(0, row.dayMinutes - 205)],
  ['eveningMinutes', (row) => row.eveningMinutes],
  ['nightMinutes', (row) => row.nightMinutes],
  ['internationalPlan', (row) => row.internationalPlan],
  ['internationalPlanMinutes', (row) => row.internationalPlan * row.internationalMinutes],
  ['internationalCalls', (row) => row.internationalCalls],
  ['voiceMailPlan', (row) => row.voiceMailPlan],
  ['supportCalls', (row) => row.supportCalls],
  ['fourSupportCalls', (row) => (row.supportCalls >= 4 ? 1 : 0)],
  ['accountMonths', (row) => row.accountMonths],
];

const rows = readRows(here('customers.csv'));
const training = rows.filter((_row, index) => index % 10 < 7);
const test = rows.filter((_row, index) => index % 10 >= 7);

const scales = features.map(([name, read]) => {
  const values = training.map(read);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return { name, read, mean, deviation };
});
const inputs = (row) => [1, ...scales.map(({ read, mean, deviation }) => (read(row) - mean) / deviation)];
const weights = fit(
  training.map(inputs),
  training.map((row) => row.churned),
);
const probabilityOf = (row) => sigmoid(dot(weights, inputs(row)));
const threshold = bestThreshold(training);

const model = {
  name: 'churn',
  trainedOn: 'docs/samples/churn/customers.csv',
  method: 'logistic regression',
  threshold,
  intercept: round(weights[0]),
  features: scales.map(({ name, mean, deviation }, index) => ({
    name,
    mean: round(mean),
    deviation: round(deviation),
    weight: round(weights[index + 1]),
  })),
  measured: { customers: test.length, ...measure(test) },
};

const modelText = `${JSON.stringify(model, null, 2)}\n`;
const definition = readFileSync(workflow, 'utf8');
const updated = definition.replace(/( *)# model: begin\n[\s\S]*?# model: end\n/, (_all, indent) => {
  const rows = model.features.map((feature) => `${indent}    - ${flow(feature)}\n`).join('');
  return `${indent}# model: begin\n${indent}model:\n${indent}  threshold: ${model.threshold}\n${indent}  intercept: ${model.intercept}\n${indent}  features:\n${rows}${indent}# model: end\n`;
});

if (process.argv.includes('--check')) {
  const fits = readFileSync(here('model.json'), 'utf8') === modelText && definition === updated;
  if (!fits) console.error('The model is not what its data gives. Run: node docs/samples/churn/train.mjs');
  process.exitCode = fits ? 0 : 1;
} else {
  writeFileSync(here('model.json'), modelText);
  writeFileSync(workflow, updated);
  console.log(model.measured);
}

function readRows(file) {
  const [head, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, name === 'customerId' ? cells[index] : Number(cells[index])]));
  });
}

/** Weights of the greatest penalised likelihood (Newton-Raphson; the intercept is not penalised). */
function fit(points, labels) {
  const size = points[0].length;
  let found = new Array(size).fill(0);
  for (let round = 0; round < 50; round += 1) {
    const gradient = found.map((weight, index) => (index === 0 ? 0 : -RIDGE * weight));
    const curvature = found.map((_weight, index) => found.map((_other, column) => (index === column && index > 0 ? RIDGE : 0)));
    points.forEach((point, row) => {
      const probability = sigmoid(dot(found, point));
      const spread = probability * (1 - probability);
      for (let i = 0; i < size; i += 1) {
        gradient[i] += (labels[row] - probability) * point[i];
        for (let j = 0; j < size; j += 1) curvature[i][j] += spread * point[i] * point[j];
      }
    });
    const step = solve(curvature, gradient);
    found = found.map((weight, index) => weight + step[index]);
    if (Math.max(...step.map(Math.abs)) < 1e-10) break;
  }
  return found;
}

/** Solves a system of linear equations (Gauss, with the largest pivot). */
function solve(matrix, right) {
  const rows = matrix.map((row, index) => [...row, right[index]]);
  const size = rows.length;
  for (let column = 0; column < size; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < size; row += 1) {
      if (Math.abs(rows[row][column]) > Math.abs(rows[pivot][column])) pivot = row;
    }
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let row = 0; row < size; row += 1) {
      if (row === column) continue;
      const share = rows[row][column] / rows[column][column];
      for (let other = column; other <= size; other += 1) rows[row][other] -= share * rows[column][other];
    }
  }
  return rows.map((row, index) => row[size] / row[index]);
}

/** The threshold with the best F1 on the training data, in steps of 0.01. */
function bestThreshold(sample) {
  const candidates = Array.from({ length: 80 }, (_, index) => Number((0.1 + index / 100).toFixed(2)));
  const scored = sample.map((row) => ({ probability: probabilityOf(row), churned: row.churned }));
  const f1 = (limit) => {
    const said = scored.filter(({ probability }) => probability >= limit);
    const right = said.filter(({ churned }) => churned === 1).length;
    return (2 * right) / (said.length + scored.filter(({ churned }) => churned === 1).length);
  };
  return candidates.reduce((best, limit) => (f1(limit) > f1(best) ? limit : best));
}

/** How well it tells those who left from those who stayed, on customers it has not seen. */
function measure(sample) {
  const scored = sample.map((row) => ({ probability: probabilityOf(row), churned: row.churned }));
  const left = scored.filter(({ churned }) => churned === 1);
  const stayed = scored.filter(({ churned }) => churned === 0);
  const said = scored.filter(({ probability }) => probability >= threshold);
  const right = said.filter(({ churned }) => churned === 1).length;
  const wins = left.reduce(
    (sum, one) => sum + stayed.filter((other) => other.probability < one.probability).length,
    0,
  );
  const correct = right + stayed.filter(({ probability }) => probability < threshold).length;
  return {
    areaUnderRoc: round(wins / (left.length * stayed.length), 3),
    accuracy: round(correct / scored.length, 3),
    precision: round(right / said.length, 3),
    recall: round(right / left.length, 3),
  };
}

function flow(feature) {
  return `{ ${Object.entries(feature)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')} }`;
}

function dot(left, right) {
  return left.reduce((sum, value, index) => sum + value * right[index], 0);
}

function sigmoid(value) {
  return 1 / (1 + Math.exp(-value));
}

function round(value, digits = 5) {
  return Number(value.toFixed(digits));
}
